// SPDX-License-Identifier: MPL-2.0

// @vitest-environment node

import { expect, test } from "vitest";

import memberNames from "../testing/member-names.json";
import { makeZip, type Member } from "../testing/make-zip";
import { judgeArchive, type ArchiveRules } from "./judge";
import { readDirectory } from "./read-directory";
import { judgePath } from "./symbol-paths";

const RULES: ArchiveRules = {
  max_archive_bytes: 1_000_000,
  max_members: 5,
  max_member_bytes: 100_000_000,
  max_total_bytes: 200_000_000,
  max_ratio: 200,
  verify_module: false,
  forbidden_snippets: ["qcom/proprietary", "secret"],
};
const GOOD: Member = { name: "xul.pdb/1A/xul.sym", data: "MODULE" };
const MIB = 1024 * 1024;

// Made by Python's zipfile: a folder, a member written as zip64, one with a UTF-8 name, a comment.
const REAL =
  "UEsDBBQAAAAAAAAAIQAAAAAAAAAAAAAAAAAIAAAAeHVsLnBkYi9QSwMELQAAAAAAAAAhANap2dv//////////xIAFAB4dWwucGRiLzFBL3h1bC5zeW0BABAACQAAAAAAAAAJAAAAAAAAAE1PRFVMRSB4ClBLAwQUAAAICAAAACEAA9o4mgsAAADoAwAAEgAAAM6pLnNvLzJCL86pLnNvLnN5bUtMHAWjYBQMdwAAUEsBAhQDFAAAAAAAAAAhAAAAAAAAAAAAAAAAAAgAAAAAAAAAAAAAAIABAAAAAHh1bC5wZGIvUEsBAi0DLQAAAAAAAAAhANap2dsJAAAACQAAABIAAAAAAAAAAAAAAIABJgAAAHh1bC5wZGIvMUEveHVsLnN5bVBLAQIUAxQAAAgIAAAAIQAD2jiaCwAAAOgDAAASAAAAAAAAAAAAAACAAXMAAADOqS5zby8yQi/OqS5zby5zeW1QSwUGAAAAAAMAAwC2AAAArgAAABcAUEsFBiBpcyBpbiB0aGlzIGNvbW1lbnQ=";

test.each(memberNames)("the path $name is judged as the server judges it", ({ name, verdict }) =>
  expect(judgePath(name)).toEqual(verdict),
);

test("a real archive is listed without its folders", async () => {
  const file = new File([Buffer.from(REAL, "base64")], "real.zip");
  expect(await judgeArchive(file, RULES)).toEqual({
    members: [
      {
        name: "xul.pdb/1A/xul.sym",
        size: 9,
        verdict: { kind: "stored", key: "xul.pdb/1A/xul.sym" },
      },
      {
        name: "Ω.so/2B/Ω.so.sym",
        size: 1000,
        verdict: { kind: "stored", key: "Ω.so/2B/Ω.so.sym" },
      },
    ],
    stored: 2,
    ignored: 0,
    totalBytes: 1009,
    refusals: [],
  });
});

test.each([
  ["plain", {}],
  ["with data before it", { prefix: "#!/bin/sh\n" }],
  ["with a comment that has the signature in it", { comment: "PK\u0005\u0006 and more of it" }],
  ["with a zip64 end record", { zip64: true }],
  ["with both", { zip64: true, prefix: "MZ".repeat(100) }],
])("an archive %s is read", async (_, options) => {
  const members = [GOOD, { name: "big.pdb/2/big.sym", data: "FUNC", zip64: true }];
  const { refusals, stored } = await judgeArchive(makeZip(members, options), RULES);
  expect({ refusals, stored }).toEqual({ refusals: [], stored: 2 });
});

test("sizes of more than 4 GiB are read", async () => {
  const huge = { ...GOOD, zip64: true, size: 5 * 1024 * MIB, method: 8 };
  const { entries } = await readDirectory(makeZip([huge]));
  expect(entries.map((entry) => entry.size)).toEqual([5 * 1024 * MIB]);
});

test("a name that is not said to be UTF-8 is of code page 437", async () => {
  const rawName = Uint8Array.from([0xe0, 0x2f, 0x31, 0x2f, 0x61]); // α/1/a
  const { members } = await judgeArchive(makeZip([{ name: "", rawName, flags: 0 }]), RULES);
  expect(members.map((member) => member.name)).toEqual(["α/1/a"]);
});

test.each([
  ["no bytes", new File([], "a.zip")],
  ["text", new File(["x".repeat(100_000)], "a.zip")],
  ["a directory that ends early", makeZip([GOOD], { count: 2 })],
  ["a directory that goes on", makeZip([GOOD, GOOD], { count: 1 })],
  ["no files", makeZip([])],
  ["folders only", makeZip([{ name: "xul.pdb/" }])],
])("%s: no zip", async (_, file) => {
  expect((await judgeArchive(file, RULES)).refusals[0]).toBe("File is not a zip file");
});

test.each<[string, Partial<Member>]>([
  ["'a/1/b' is encrypted", { flags: 0x801 }],
  ["'a/1/b' is a symbolic link", { mode: 0o120777 }],
  ["'a/1/b' is compressed by method 12; only deflate is supported", { method: 12 }],
  ["'a/1/b' is damaged: it has two sizes", { size: 7 }],
  ["'a/1/b' has 100000001 bytes, and 100000000 are allowed", { method: 8, size: 100_000_001 }],
  ["'a/1/b' is compressed more than 200 times", { method: 8, size: 17 * MIB, compressedSize: 4 }],
  ["'a/1/b' has no sizes", { size: 0xffffffff, method: 8 }],
  [
    "Content of archive file contains the snippet 'secret' which is not allowed",
    { name: "secret/1/b" },
  ],
])("%s", async (reason, member) => {
  const { refusals } = await judgeArchive(
    makeZip([{ name: "a/1/b", data: "text", ...member }, GOOD]),
    RULES,
  );
  expect(refusals).toEqual([reason]);
});

test("many members that are small are as large as one", async () => {
  const zeros = Array.from({ length: 17 }, (_, number) => ({
    name: `a/${String(number)}/b`,
    data: "zero",
    method: 8,
    size: MIB,
  }));
  const { refusals } = await judgeArchive(makeZip(zeros), { ...RULES, max_members: 20 });
  expect(refusals).toEqual(["The archive is compressed more than 200 times"]);
});

test.each<[string, Partial<Member>]>([
  ["an equal twin counts once", {}],
  ["a twin by an id in another case counts once", { name: "xul.pdb/1a/xul.sym" }],
])("%s", async (_, other) => {
  const { stored, refusals } = await judgeArchive(makeZip([GOOD, { ...GOOD, ...other }]), RULES);
  expect({ stored, refusals }).toEqual({ stored: 1, refusals: [] });
});

test("twins of other sizes or contents are refused", async () => {
  const sizes = await judgeArchive(makeZip([GOOD, { ...GOOD, data: "more of it" }]), RULES);
  expect(sizes.refusals).toEqual([
    "The zipfile buffer contains two files both called xul.pdb/1A/xul.sym and they have " +
      "difference sizes (10 != 6)",
  ]);
  const contents = await judgeArchive(makeZip([GOOD, { ...GOOD, crc: 1 }]), RULES);
  expect(contents.refusals).toEqual([
    "The zipfile buffer contains two files both called xul.pdb/1A/xul.sym and they have " +
      "different contents",
  ]);
});

test("two members cannot share bytes", async () => {
  const other = { name: "b.pdb/1/b.sym", data: "x", headerOffset: 3 };
  const { refusals } = await judgeArchive(makeZip([GOOD, other]), RULES);
  expect(refusals).toEqual(["'b.pdb/1/b.sym' overlaps another member of the archive"]);
});

test("limits of the whole archive are told", async () => {
  const names = Array.from({ length: 6 }, (_, number) => ({
    ...GOOD,
    name: `a/${String(number)}/b`,
  }));
  expect((await judgeArchive(makeZip(names), RULES)).refusals).toEqual([
    "The archive has 6 members, and 5 are allowed",
  ]);
  const large = ["a/1/b", "a/2/b", "a/3/b"].map((name) => ({
    name,
    data: "x".repeat(500_000),
    method: 8,
    size: 90_000_000,
  }));
  const rules = { ...RULES, max_archive_bytes: 10_000_000 };
  expect((await judgeArchive(makeZip(large), rules)).refusals).toEqual([
    "The files of the archive have 270000000 bytes, and 200000000 are allowed",
  ]);
  expect((await judgeArchive(makeZip(large), RULES)).refusals).toEqual([
    "The archive is too large: at most 1000000 bytes are allowed",
  ]);
});

test("of a refused archive the good members are still told", async () => {
  const { members, refusals } = await judgeArchive(
    makeZip([GOOD, { name: "readme.md" }, { name: "x-symbols.txt" }]),
    RULES,
  );
  expect(members.map(({ verdict }) => verdict.kind)).toEqual(["stored", "refused", "ignored"]);
  expect(refusals).toHaveLength(1);
});
