// SPDX-License-Identifier: MPL-2.0

import type { UploadLimits } from "@/lib/api/schema";
import { pathOf } from "@/lib/dropped";
import { newUpload } from "@/lib/texts/new-upload";

import type { Loose } from "../packing/lay-out";

/** What becomes one upload. With other files, or other contents, it has another id. */
export type Given = { id: number; name: string } & (
  | { kind: "zip"; file: File; leftOut: number }
  | { kind: "loose"; files: readonly Loose[] }
);

/** What is filled in; `bucket` is null where nobody has chosen one. */
export interface FormState {
  way: "file" | "url";
  given: readonly Given[];
  url: string;
  isTry: boolean;
  bucket: string | null;
}

export function emptyForm(isTry: boolean): FormState {
  return { way: "file", given: [], url: "", isTry, bucket: null };
}

let lastId = 0;

export function nextId(): number {
  lastId += 1;
  return lastId;
}

/**
 * Add files to what is there: each zip is an upload of its own, in place of one that has its name; all others
 * become one together.
 */
export function withFiles(given: readonly Given[], files: readonly File[]): Given[] {
  const zips = files.filter(isZip);
  const names = new Set(zips.map(({ name }) => name));
  const kept = given.filter((one) => one.kind === "loose" || !names.has(one.name));
  const added = zips.map((file): Given => ({
    id: nextId(),
    kind: "zip",
    name: file.name,
    file,
    leftOut: 0,
  }));
  const others = files.filter((file) => !isZip(file));
  if (others.length === 0) return [...kept, ...added];
  const before = kept.flatMap((one) => (one.kind === "loose" ? one.files : []));
  const loose = merged(
    before,
    others.map((file) => ({ path: pathOf(file), file })),
  );
  return [
    ...kept.filter(({ kind }) => kind !== "loose"),
    ...added,
    { id: nextId(), kind: "loose", name: nameOf(loose), files: loose },
  ];
}

function isZip(file: File): boolean {
  return file.name.toLowerCase().endsWith(".zip");
}

/** What is chosen again takes the place of what was there. */
function merged(before: readonly Loose[], added: readonly Loose[]): Loose[] {
  const byPath = new Map([...before, ...added].map((one) => [one.path, one]));
  return [...byPath.values()];
}

/** Return what the zip of some files is called: as their folder, or the only file. */
function nameOf(files: readonly Loose[]): string {
  const tops = new Set(files.map(({ path }) => path.split("/")[0] ?? path));
  const [top = ""] = tops;
  return tops.size === 1 ? `${top}.zip` : "symbols.zip";
}

const words = newUpload.urlProblem;

/** Say what the server would refuse in a URL without asking anybody; null where it would try it. */
export function urlProblem(text: string, limits: UploadLimits): string | null {
  const url = text.trim();
  if (url === "") return words.none;
  if (!URL.canParse(url)) return words.bad;
  const { protocol, hostname, pathname } = new URL(url);
  if (protocol !== "https:" && !(protocol === "http:" && limits.any_domain)) {
    return protocol === "http:" ? words.insecure : words.bad;
  }
  const hosts = limits.allowed_domains.map((host) => host.toLowerCase());
  if (!limits.any_domain && !hosts.includes(hostname)) return words.host(hostname);
  return pathname.toLowerCase().endsWith(".zip") ? null : words.zip;
}
