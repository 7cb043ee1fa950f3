// SPDX-License-Identifier: MPL-2.0

/** A file of a stack: what people read of its path, and where it can be seen, if anywhere. */
export interface SourceFile {
  path: string;
  url: string | null;
}

// <kind>:<host and repository>:<path>:<revision>, as builds write them into symbol files
const RECORDED = /^(?<kind>hg|git):(?<repository>[^:]+):(?<path>.+):(?<revision>[^:]+)$/u;
const HOST = /^[0-9a-z](?:[0-9a-z.-]*[0-9a-z])?(?::\d+)?$/i;

/** Understand `hg:` and `git:` paths; all others are shown as they are. */
export function readSourceFile(file: string, line: number | null): SourceFile {
  const found = RECORDED.exec(file)?.groups as Record<string, string> | undefined;
  if (found === undefined) return { path: file, url: null };
  const { kind, repository = "", path = "", revision = "" } = found;
  const [host = "", ...folders] = repository.split("/");
  if (!HOST.test(host) || [...folders, ...path.split("/")].some(isNoName))
    return { path: file, url: null };
  const places = { root: `https://${host}/${encoded(folders.join("/"))}`, path, revision };
  const url = kind === "hg" ? hgUrl(places, line) : gitUrl(host, places, line);
  return { path, url };
}

interface Places {
  root: string;
  path: string;
  revision: string;
}

function hgUrl({ root, path, revision }: Places, line: number | null): string {
  return `${root}/file/${encoded(revision)}/${encoded(path)}${anchor("l", line)}`;
}

/** Each kind of server has its own URLs; of hosts that are not known there is no link. */
function gitUrl(
  host: string,
  { root, path, revision }: Places,
  line: number | null,
): string | null {
  const file = `${encoded(revision)}/${encoded(path)}`;
  const base = root.replace(/\.git$/, "");
  if (host === "github.com") return `${base}/blob/${file}${anchor("L", line)}`;
  if (/(?:^|\.)gitlab\./.test(host)) return `${base}/-/blob/${file}${anchor("L", line)}`;
  if (host.endsWith(".googlesource.com")) return `${root}/+/${file}${anchor("", line)}`;
  if (host === "bitbucket.org") return `${base}/src/${file}${anchor("lines-", line)}`;
  if (host === "codeberg.org") return `${base}/src/commit/${file}${anchor("L", line)}`;
  return null;
}

function anchor(prefix: string, line: number | null): string {
  return line === null ? "" : `#${prefix}${String(line)}`;
}

function isNoName(part: string): boolean {
  return part === "" || part === "." || part === "..";
}

function encoded(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
