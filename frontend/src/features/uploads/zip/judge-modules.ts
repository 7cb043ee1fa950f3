// SPDX-License-Identifier: MPL-2.0

import { firstLine } from "./first-line";
import type { JudgedMember, Judgement } from "./judgement";
import { judgeLine } from "./module-line";
import { filesOf, type Directory, type Entry } from "./read-directory";

const AT_ONCE = 16;

/** Judge the symbol files of an archive by their first lines, too. */
export async function judgeModules(
  file: Blob,
  directory: Directory,
  judgement: Judgement,
  onLooked: (done: number, total: number) => void = () => undefined,
): Promise<Judgement> {
  const files = filesOf(directory);
  const members = [...judgement.members];
  const todo = members.keys();
  const work = async () => {
    for (const number of todo) {
      const [member, entry] = [members[number], files[number]];
      onLooked(number, files.length);
      if (member && entry) members[number] = await judgeMember(file, entry, member);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const found = members.filter((member, number) => member !== judgement.members[number]);
  const refusals = found.flatMap(({ verdict }) =>
    verdict.kind === "refused" ? [verdict.reason] : [],
  );
  return {
    ...judgement,
    members,
    stored: judgement.stored - refusals.length,
    refusals: [...judgement.refusals, ...refusals],
  };
}

async function judgeMember(file: Blob, entry: Entry, member: JudgedMember): Promise<JudgedMember> {
  const { verdict } = member;
  if (verdict.kind !== "stored" || !verdict.key.toLowerCase().endsWith(".sym")) return member;
  const line = await firstLine(file, entry);
  if (line === null) return member;
  const said = judgeLine(verdict.key, line);
  if (said.kind === "fits") return member;
  if (said.kind === "odd") return { ...member, line, note: said.note };
  return { ...member, line, verdict: said };
}
