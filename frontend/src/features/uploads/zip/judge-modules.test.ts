// SPDX-License-Identifier: MPL-2.0

// @vitest-environment node

import { deflateRawSync } from "node:zlib";

import { expect, test } from "vitest";

import { makeZip, type Member } from "../testing/make-zip";
import { judgeArchive, type ArchiveRules } from "./judge";
import { leaveOutRefused, refusedFiles } from "./leave-out";
import { readDirectory } from "./read-directory";

const RULES: ArchiveRules = {
  max_archive_bytes: 1_000_000,
  max_members: 50,
  max_member_bytes: 1_000_000,
  max_total_bytes: 2_000_000,
  max_ratio: 200,
  forbidden_snippets: [],
  verify_module: true,
};
const ID = "44E4EC8C2F41492B9369D6B9A059577C2";
const OTHER = "1".repeat(33);

function symbols(line: string, name = `xul.pdb/${ID}/xul.sym`): Member {
  return { name, data: `${line}\nFUNC 1000 10 0 main\n` };
}

const GOOD = symbols(`MODULE windows x86_64 ${ID} xul.pdb`);
const WRONG = symbols(`MODULE windows x86_64 ${OTHER} wrong.pdb`, `wrong.pdb/${ID}/wrong.sym`);

async function judged(member: Member, rules = RULES) {
  const { members, refusals, stored } = await judgeArchive(makeZip([member]), rules);
  return { verdict: members[0]?.verdict.kind, note: members[0]?.note, refusals, stored };
}

test("a symbol file with the debug id of another is refused, and its line is told", async () => {
  const { members, refusals, stored } = await judgeArchive(makeZip([WRONG, GOOD]), RULES);
  const reason = `The MODULE line of wrong.pdb/${ID}/wrong.sym has the debug id ${OTHER}`;
  expect({ refusals, stored }).toEqual({ refusals: [reason], stored: 1 });
  expect(members[0]).toMatchObject({
    verdict: { kind: "refused", reason },
    line: `MODULE windows x86_64 ${OTHER} wrong.pdb`,
  });
});

test("a server that does not verify it says nothing of it", async () => {
  const told = await judged(WRONG, { ...RULES, verify_module: false });
  expect(told).toEqual({ verdict: "stored", note: undefined, refusals: [], stored: 1 });
});

test.each([
  ["another name", `MODULE windows x86_64 ${ID} other.pdb`, /has the name other\.pdb$/],
  ["no MODULE line", "FUNC 1 2 3 f", /has no MODULE line$/],
  ["too few fields", `MODULE windows ${ID} xul.pdb`, /has no MODULE line$/],
])("%s is told, and taken", async (_, line, note) => {
  expect(await judged(symbols(line))).toEqual({
    verdict: "stored",
    note: expect.stringMatching(note) as string,
    refusals: [],
    stored: 1,
  });
});

test.each([
  ["an id in lower case", `MODULE windows x86_64 ${ID.toLowerCase()} xul.pdb`],
  ["a carriage return", `MODULE windows x86_64 ${ID} xul.pdb\r`],
])("%s fits", async (_, line) => {
  expect((await judged(symbols(line))).note).toBeUndefined();
});

test("an id in the path that is not a full one is not refused", async () => {
  const { verdict, note } = await judged(symbols(`MODULE Linux x86 ${OTHER} a`, "a/1F/a.sym"));
  expect({ verdict, note }).toEqual({
    verdict: "stored",
    note: `The MODULE line of a/1F/a.sym has the debug id ${OTHER}`,
  });
});

test("what is no symbol file, and what is damaged, is not judged by its first line", async () => {
  const binary = { name: `xul.pdb/${ID}/xul.pd_`, data: "MSCF" };
  const damaged = { ...GOOD, method: 8 };
  for (const member of [binary, damaged]) {
    expect(await judged(member)).toMatchObject({ verdict: "stored", note: undefined });
  }
});

/** Deflate the text of a member; more of it than is read, so that the end is cut off. */
function deflated({ name, data = "" }: Member): Member {
  const noise = Array.from({ length: 40_000 }, (_, n) => `FUNC ${String(n * 7919)} 1 0 f`).join("");
  const bytes = deflateRawSync(data + noise);
  return { name, bytes, method: 8, size: data.length + noise.length };
}

test("no more than the beginning of a deflated file is read", async () => {
  const member = deflated(WRONG);
  expect(member.bytes?.length).toBeGreaterThan(64 * 1024);
  expect((await judged(member)).verdict).toBe("refused");
  expect((await judged(deflated(GOOD))).note).toBeUndefined();
});

test.each([
  ["plain", {}],
  ["with data before it", { prefix: "#!/bin/sh\n" }],
  ["of zip64", { zip64: true }],
])("an archive %s can go on without what is refused", async (_, options) => {
  const second = symbols(`MODULE Linux x86_64 ${ID} b`, `b/${ID}/b.sym`);
  const members = [WRONG, GOOD, { name: "README.md", data: "x" }, { ...second, zip64: true }];
  const file = makeZip(members, options);
  const judgement = await judgeArchive(file, RULES);
  expect(refusedFiles(judgement)).toBe(2);
  const rest = await leaveOutRefused(file, judgement);
  const after = await judgeArchive(rest, RULES);
  expect(after.members).toEqual(judgement.members.filter((_, number) => number % 2 === 1));
  expect(after.refusals).toEqual([]);
  expect(rest.name).toBe(file.name);
  const { entries } = await readDirectory(rest);
  const texts = await Promise.all(entries.map(({ headerOffset }) => textAt(rest, headerOffset)));
  expect(texts).toEqual([GOOD, second].map(({ name, data }) => name + (data ?? "")));
  expect(await rest.text()).not.toContain("README");
});

async function textAt(file: File, offset: number): Promise<string> {
  const text = await file.slice(offset + 30).text();
  return text.slice(0, text.indexOf("main\n") + 5);
}

test("leaving files out is no help where nothing is left, or the archive as a whole is refused", async () => {
  const alone = await judgeArchive(makeZip([WRONG]), RULES);
  const tooMany = await judgeArchive(makeZip([WRONG, GOOD]), { ...RULES, max_members: 1 });
  expect([alone, tooMany].map(refusedFiles)).toEqual([0, 0]);
});
