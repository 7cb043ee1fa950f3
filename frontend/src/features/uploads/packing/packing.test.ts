// SPDX-License-Identifier: MPL-2.0

// @vitest-environment node

import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test, vi } from "vitest";

import type { ArchiveRules } from "../zip/judge";
import { judgeArchive } from "../zip/judge";
import { fingerprints, type Source } from "./contents";
import { crc32 } from "./crc32";
import { keyedFilesOf } from "./keyed-files";
import { layOut } from "./lay-out";
import { Md5 } from "./md5";
import { writeZip } from "./write-zip";

const RULES: ArchiveRules = {
  max_archive_bytes: 1e9,
  max_members: 1000,
  max_member_bytes: 1e9,
  max_total_bytes: 1e10,
  max_ratio: 1000,
  verify_module: true,
  forbidden_snippets: ["secret/"],
};
const ID = "44E4EC8C2F41492B9369D6B9A059577C2";
const SYM = `MODULE windows x86_64 ${ID.toLowerCase()} xul.pdb\nFUNC 1 1 0 f\n`;

function plain(content: string | Uint8Array<ArrayBuffer>): Source {
  return { bytes: new Blob([content]), coding: "plain" };
}

test.each([0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1000])("the MD5 of %i bytes", (size) => {
  const bytes = randomBytes(size);
  for (const step of [1, 7, 64, 1000]) {
    const md5 = new Md5();
    for (let at = 0; at < size; at += step) md5.update(bytes.subarray(at, at + step));
    expect(md5.digest()).toBe(createHash("md5").update(bytes).digest("hex"));
  }
});

test("a checksum goes on from the one before", () => {
  const bytes = new TextEncoder().encode("123456789");
  expect(crc32(bytes).toString(16)).toBe("cbf43926");
  expect(crc32(bytes.subarray(4), crc32(bytes.subarray(0, 4)))).toBe(crc32(bytes));
});

test("a fingerprint is of what is inside, and of what cannot be read there is none", async () => {
  const onRead = vi.fn();
  const packed = new Uint8Array(gzipSync(SYM));
  const found = await fingerprints(
    [plain(SYM), { ...plain(packed), coding: "gzip" }, { ...plain(SYM), coding: "gzip" }],
    onRead,
  );
  const expected = { size: SYM.length, md5: createHash("md5").update(SYM).digest("hex") };
  expect(found).toEqual([expected, expected, null]);
  expect(onRead).toHaveBeenCalledWith(packed.length);
});

test("a zip is read by others, and by this app", async () => {
  const large = new Uint8Array(3_000_000).map((_, at) => at % 251);
  const zip = await writeZip(
    [
      { name: `xul.pdb/${ID}/xul.sym`, source: plain(SYM) },
      { name: "bin/π", source: plain(large) },
    ],
    vi.fn(),
  );
  const folder = mkdtempSync(join(tmpdir(), "zip-"));
  try {
    const path = join(folder, "a.zip");
    writeFileSync(path, new Uint8Array(await zip.arrayBuffer()));
    const told = execFileSync("python3", [
      "-c",
      "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint([(i.filename, i.file_size) for i in z.infolist()])",
      path,
    ]);
    expect(String(told)).toContain(`('xul.pdb/${ID}/xul.sym', ${String(SYM.length)})`);
    expect(String(told)).toContain("('bin/π', 3000000)");
  } finally {
    rmSync(folder, { recursive: true });
  }
  const file = new File([zip], "a.zip");
  const judgement = await judgeArchive(file, RULES);
  const keyed = await keyedFilesOf(file, judgement);
  expect(keyed.map(({ number, key }) => [number, key])).toEqual([[0, `xul.pdb/${ID}/xul.sym`]]);
  const [found] = await fingerprints(
    keyed.map(({ source }) => source),
    vi.fn(),
  );
  expect(found?.size).toBe(SYM.length);
});

test("loose files are told apart by what they are", async () => {
  const elf = new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  const files = [
    { path: "out/a/xul.sym", file: new File([SYM], "xul.sym") },
    { path: "out/b/xul.sym.gz", file: new File([new Uint8Array(gzipSync(SYM))], "xul.sym.gz") },
    { path: "out/lib.so", file: new File([elf], "lib.so") },
    { path: "out/README.md", file: new File(["x"], "README.md") },
    { path: "out/none.sym", file: new File(["x"], "none.sym") },
    { path: `out/nt.pdb/${ID}/nt.pd_`, file: new File(["x"], "nt.pd_") },
    { path: "out/secret/lib.so", file: new File([elf], "lib.so") },
  ];
  const onLooked = vi.fn();
  const { judgement, members } = await layOut(files, RULES, onLooked);
  expect(members.map(({ name, key }) => [name, key])).toEqual([
    [`xul.pdb/${ID}/xul.sym`, `xul.pdb/${ID}/xul.sym`],
    ["out/lib.so", null],
    [`nt.pdb/${ID}/nt.pd_`, `nt.pdb/${ID}/nt.pd_`],
  ]);
  expect(judgement).toMatchObject({ stored: 3, ignored: 4, refusals: [] });
  expect(judgement.members[1]?.note).toContain("out/a/xul.sym");
  expect(onLooked).toHaveBeenLastCalledWith(7);
});

test("files of which none is a symbol are refused together", async () => {
  const files = [{ path: "README.md", file: new File(["x"], "README.md") }];
  const { judgement } = await layOut(files, RULES, vi.fn());
  expect(judgement.refusals).toHaveLength(1);
});
