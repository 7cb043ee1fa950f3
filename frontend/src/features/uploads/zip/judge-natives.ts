// SPDX-License-Identifier: MPL-2.0

import { firstBytes } from "./first-line";
import type { JudgedMember, Judgement } from "./judgement";
import { HEAD_BYTES, isNative } from "./native-kinds";
import { filesOf, type Directory, type Entry } from "./read-directory";
import { judgePath } from "./symbol-paths";

const AT_ONCE = 16;

/**
 * Judge an archive with native files of a build: they may lie anywhere, and what belongs to no symbol store is
 * ignored beside them. One that is not refused for its paths is not read.
 */
export async function judgeNatives(
  file: Blob,
  directory: Directory,
  judgement: Judgement,
  onLooked: (done: number, total: number) => void = () => undefined,
): Promise<Judgement> {
  if (!judgement.members.some(isRefusedForItsPath)) return judgement;
  const files = filesOf(directory);
  const natives = await findNatives(file, files, onLooked);
  if (natives.size === 0) return judgement;
  const members = judgement.members.map((member, number) =>
    isRefusedForItsPath(member) ? besideNatives(member, natives.has(number)) : member,
  );
  const changed = judgement.members.filter((member, number) => member !== members[number]);
  const refusals = [...judgement.refusals];
  for (const { verdict } of changed) {
    if (verdict.kind === "refused") refusals.splice(refusals.indexOf(verdict.reason), 1);
  }
  const count = (kind: string) => members.filter(({ verdict }) => verdict.kind === kind).length;
  return { ...judgement, members, refusals, stored: count("stored"), ignored: count("ignored") };
}

function isRefusedForItsPath({ name, verdict }: JudgedMember): boolean {
  if (verdict.kind !== "refused" || verdict.reason.startsWith("The path ")) return false;
  const said = judgePath(name);
  return said.kind === "refused" && said.reason === verdict.reason && !isSymbolFile(name);
}

function isSymbolFile(name: string): boolean {
  return name.toLowerCase().endsWith(".sym");
}

function besideNatives(member: JudgedMember, native: boolean): JudgedMember {
  const verdict = native
    ? { kind: "stored" as const, key: member.name }
    : { kind: "ignored" as const };
  return { ...member, verdict };
}

/** Return the numbers of the files that are native ones. */
async function findNatives(
  file: Blob,
  files: Entry[],
  onLooked: (done: number, total: number) => void,
): Promise<Set<number>> {
  const found = new Set<number>();
  const todo = files.keys();
  const work = async () => {
    for (const number of todo) {
      const entry = files[number];
      onLooked(number, files.length);
      if (!entry || isSymbolFile(entry.name)) continue;
      const head = await firstBytes(file, entry, (inflated) => inflated.length >= HEAD_BYTES);
      if (head !== null && isNative(head)) found.add(number);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found;
}
