// SPDX-License-Identifier: MPL-2.0

import type { UploadLimits } from "@/lib/api/schema";

import { judgeModules } from "./judge-modules";
import { judgeNatives } from "./judge-natives";
import type { JudgedMember, Judgement } from "./judgement";
import { NotAZipError } from "./not-a-zip-error";
import { filesOf, readDirectory, type Directory, type Entry } from "./read-directory";
import { judgePath, type PathVerdict } from "./symbol-paths";

/** What the server allows, by its settings. */
export type ArchiveRules = Omit<UploadLimits, "allowed_domains" | "any_domain">;

const STORED = 0;
const DEFLATED = 8;
const LOCAL_HEADER_BYTES = 30;
const ENCRYPTED = 0x2041; // encrypted, strongly encrypted, with hidden headers
const FILE_TYPE = 0xf000;
const SYMBOLIC_LINK = 0xa000;
const RATIO_COUNTS_FROM = 16 * 1024 * 1024;

/** List an archive and tell what the server will refuse, by its directory and first lines alone. */
export async function judgeArchive(
  file: File,
  rules: ArchiveRules,
  onLooked: (done: number, total: number) => void = () => undefined,
): Promise<Judgement> {
  if (file.size > rules.max_archive_bytes) {
    const most = String(rules.max_archive_bytes);
    return nothing(`The archive is too large: at most ${most} bytes are allowed`);
  }
  try {
    const directory = await readDirectory(file);
    const byNames = judgeDirectory(directory, file.size, rules);
    const judgement = await judgeNatives(file, directory, byNames, onLooked);
    return rules.verify_module
      ? await judgeModules(file, directory, judgement, onLooked)
      : judgement;
  } catch (error) {
    if (error instanceof NotAZipError) return nothing(error.message);
    throw error;
  }
}

function nothing(refusal: string): Judgement {
  return { members: [], stored: 0, ignored: 0, totalBytes: 0, refusals: [refusal] };
}

/** Judge what a directory says, in the server's order. */
function judgeDirectory(
  directory: Directory,
  archiveBytes: number,
  rules: ArchiveRules,
): Judgement {
  const files = filesOf(directory);
  const seen = new Map<string, Entry>();
  const members = files.map((entry) => judgeMember(entry, rules, seen));
  const totalBytes = files.reduce((total, entry) => total + entry.size, 0);
  const ofMembers = members.flatMap(({ verdict }) =>
    verdict.kind === "refused" ? [verdict.reason] : [],
  );
  const kept = members.filter(({ verdict }) => verdict.kind !== "refused");
  return {
    members,
    stored: kept.filter(({ verdict }) => verdict.kind === "stored").length,
    ignored: kept.filter(({ verdict }) => verdict.kind === "ignored").length,
    totalBytes,
    refusals: [
      ...ofAll(directory, files.length, totalBytes, rules),
      ...ofMembers,
      ...(ofMembers.length === 0 ? ofRatio(totalBytes, archiveBytes, rules) : []),
    ],
  };
}

function ofAll(
  directory: Directory,
  files: number,
  totalBytes: number,
  rules: ArchiveRules,
): string[] {
  const refusals: string[] = [];
  const members = directory.entries.length;
  if (members > rules.max_members) {
    refusals.push(
      `The archive has ${String(members)} members, and ${String(rules.max_members)} are allowed`,
    );
  }
  if (files === 0) refusals.push("File is not a zip file");
  const overlap = sharedBytes(directory);
  if (overlap !== null) refusals.push(overlap);
  if (totalBytes > rules.max_total_bytes) {
    refusals.push(
      `The files of the archive have ${String(totalBytes)} bytes, and ` +
        `${String(rules.max_total_bytes)} are allowed`,
    );
  }
  return refusals;
}

/** Judge all members together: many that are small are as large as one. */
function ofRatio(totalBytes: number, archiveBytes: number, rules: ArchiveRules): string[] {
  if (totalBytes <= RATIO_COUNTS_FROM || totalBytes <= archiveBytes * rules.max_ratio) return [];
  return [`The archive is compressed more than ${String(rules.max_ratio)} times`];
}

/** Say whether two members claim the same bytes of the file, as those of a bomb do. */
function sharedBytes({ entries, start }: Directory): string | null {
  let freeFrom = 0;
  for (const entry of [...entries].sort((a, b) => a.headerOffset - b.headerOffset)) {
    if (entry.headerOffset < freeFrom) {
      return `'${entry.name}' overlaps another member of the archive`;
    }
    freeFrom = entry.headerOffset + LOCAL_HEADER_BYTES + entry.nameBytes + entry.compressedSize;
  }
  return freeFrom > start ? "File is not a zip file" : null;
}

function judgeMember(entry: Entry, rules: ArchiveRules, seen: Map<string, Entry>): JudgedMember {
  const reason =
    unsupported(entry) ??
    beyondLimits(entry, rules) ??
    forbidden(entry.name, rules.forbidden_snippets);
  const verdict = reason === null ? judgeTwin(entry, seen) : { kind: "refused" as const, reason };
  return { name: entry.name, size: entry.size, verdict };
}

function unsupported({ name, flags, mode, method, size, compressedSize }: Entry): string | null {
  if ((flags & ENCRYPTED) !== 0) return `'${name}' is encrypted`;
  if ((mode & FILE_TYPE) === SYMBOLIC_LINK) return `'${name}' is a symbolic link`;
  if (method !== STORED && method !== DEFLATED) {
    return `'${name}' is compressed by method ${String(method)}; only deflate is supported`;
  }
  if (method === STORED && size !== compressedSize) return `'${name}' is damaged: it has two sizes`;
  return null;
}

function beyondLimits({ name, size, compressedSize }: Entry, rules: ArchiveRules): string | null {
  if (size > rules.max_member_bytes) {
    return `'${name}' has ${String(size)} bytes, and ${String(rules.max_member_bytes)} are allowed`;
  }
  if (size > RATIO_COUNTS_FROM && size > compressedSize * rules.max_ratio) {
    return `'${name}' is compressed more than ${String(rules.max_ratio)} times`;
  }
  return null;
}

function forbidden(name: string, snippets: string[]): string | null {
  const found = snippets.find((snippet) => name.includes(snippet));
  if (found === undefined) return null;
  return `Content of archive file contains the snippet '${found}' which is not allowed`;
}

/** Judge the path, and whether it was there before: equal twins count once, others are refused. */
function judgeTwin(entry: Entry, seen: Map<string, Entry>): PathVerdict {
  const verdict = judgePath(entry.name);
  if (verdict.kind === "refused") return verdict;
  const name = verdict.kind === "stored" ? verdict.key : entry.name;
  const twin = seen.get(name);
  if (twin === undefined) {
    seen.set(name, entry);
    return verdict;
  }
  const called = `The zipfile buffer contains two files both called ${entry.name}`;
  if (twin.size !== entry.size) {
    const sizes = `${String(entry.size)} != ${String(twin.size)}`;
    return { kind: "refused", reason: `${called} and they have difference sizes (${sizes})` };
  }
  if (twin.crc !== entry.crc) {
    return { kind: "refused", reason: `${called} and they have different contents` };
  }
  return { kind: "ignored" };
}
