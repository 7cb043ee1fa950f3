// SPDX-License-Identifier: MPL-2.0

// @vitest-environment node

import { deflateRawSync } from "node:zlib";

import { expect, test } from "vitest";

import { makeZip, type Member } from "../testing/make-zip";
import { judgeArchive, type ArchiveRules } from "./judge";
import { isNative } from "./native-kinds";

const RULES: ArchiveRules = {
  max_archive_bytes: 1_000_000,
  max_members: 50,
  max_member_bytes: 1_000_000,
  max_total_bytes: 2_000_000,
  max_ratio: 200,
  forbidden_snippets: [],
  verify_module: true,
};
const ELF = Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, ...Array<number>(60).fill(0)]);

async function verdicts(members: Member[]) {
  const judgement = await judgeArchive(makeZip(members), RULES);
  return {
    kinds: judgement.members.map(({ verdict }) => verdict.kind),
    counts: [judgement.stored, judgement.ignored],
    refusals: judgement.refusals,
  };
}

function packed(name: string, bytes: Uint8Array): Member {
  return { name, bytes: deflateRawSync(bytes), method: 8, size: bytes.length };
}

test("native files may lie anywhere, and other files are ignored beside them", async () => {
  const members = [
    { name: "build/app", bytes: ELF, size: ELF.length },
    packed("app.debug", ELF),
    { name: "README", data: "read" },
    { name: "C [x].txt", data: "read" },
  ];
  expect(await verdicts(members)).toEqual({
    kinds: ["stored", "stored", "ignored", "ignored"],
    counts: [2, 2],
    refusals: [],
  });
});

test("a symbol file is held to its path, and nothing leads out of the archive", async () => {
  const members = [
    { name: "build/app", bytes: ELF, size: ELF.length },
    { name: "app.sym", data: "MODULE Linux x86_64 1 app" },
    { name: "../app", bytes: ELF, size: ELF.length },
  ];
  const { kinds, refusals } = await verdicts(members);
  expect(kinds).toEqual(["stored", "refused", "refused"]);
  expect(refusals).toHaveLength(2);
});

test("without a native file the rule of paths holds", async () => {
  const { kinds, refusals } = await verdicts([{ name: "README", data: "read" }]);
  expect(kinds).toEqual(["refused"]);
  expect(refusals).toHaveLength(1);
});

test.each([
  ["a Mach-O file", [0xcf, 0xfa, 0xed, 0xfe], true],
  ["a fat file", [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2], true],
  ["a Java class", [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 0x34], false],
  ["a PDB", [...new TextEncoder().encode("Microsoft C/C++ MSF 7.00\r\n")], true],
  ["a program for Windows", pe("PE\0\0"), true],
  ["a program for MS-DOS", pe("NE\0\0"), false],
  ["nothing", [], false],
])("%s is told by its first bytes", (_name, bytes, native) =>
  expect(isNative(Uint8Array.from(bytes))).toBe(native),
);

function pe(magic: string): number[] {
  const head = [0x4d, 0x5a, ...Array<number>(0x3a).fill(0), 0x40, 0, 0, 0];
  return [...head, ...new TextEncoder().encode(magic)];
}
