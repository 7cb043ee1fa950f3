// SPDX-License-Identifier: MPL-2.0

/** A file of a stack: what people read of its path, and where it can be seen, if anywhere. */
interface SourceFile {
  path: string;
  url: string | null;
}

// <kind>:<host and repository>:<path>:<revision>, as builds write them into symbol files
const RECORDED = /^(?<kind>hg|git):(?<repository>[^:]+):(?<path>.+):(?<revision>[^:]+)$/u;
// s3:<bucket>:<hash>/<path>: of files that a build made itself
const GENERATED = /^s3:(?<bucket>[0-9a-z][0-9a-z.-]+):(?<hash>[0-9a-f]+)\/(?<path>[^:]+):?$/iu;
// /rustc/<commit>/<path>, of the standard library of Rust
const OF_RUST = /^\/rustc\/(?<revision>[0-9a-f]{40})\/(?<path>.+)$/u;
const HOST = /^[0-9a-z](?:[0-9a-z.-]*[0-9a-z])?(?::\d+)?$/i;

/**
 * Understand the paths that a build's source indexing writes, `hg:`, `git:` and `s3:`, URLs, and those of
 * Rust's own library; all others are shown as they are.
 */
export function readSourceFile(file: string, line: number | null): SourceFile {
  const found = groupsOf(RECORDED, file);
  return found === null ? readOther(file, line) : readRecorded(file, line, found);
}

type Groups = Record<string, string>;

function groupsOf(form: RegExp, file: string): Groups | null {
  return form.exec(file)?.groups ?? null;
}

function readOther(file: string, line: number | null): SourceFile {
  const generated = groupsOf(GENERATED, file);
  if (generated !== null) {
    const { bucket = "", hash = "", path = "" } = generated;
    if (path.split("/").some(isNoName)) return { path: file, url: null };
    return { path, url: `https://${bucket}.s3.amazonaws.com/${hash}/${encoded(path)}` };
  }
  const { revision = "", path = "" } = groupsOf(OF_RUST, file) ?? {};
  if (path !== "" && !path.split("/").some(isNoName)) {
    const url = `https://github.com/rust-lang/rust/blob/${revision}/${encoded(path)}`;
    return { path: file, url: `${url}${anchor("L", line)}` };
  }
  return { path: file, url: isWebUrl(file) ? file : null };
}

function isWebUrl(file: string): boolean {
  if (!file.startsWith("https://")) return false;
  const url = URL.parse(file);
  return url?.username === "" && url.password === "" && HOST.test(url.host);
}

function readRecorded(file: string, line: number | null, found: Groups): SourceFile {
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
