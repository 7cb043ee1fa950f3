// SPDX-License-Identifier: MPL-2.0
// @vitest-environment node
// The browser of the tests cannot read files.

import { expect, test } from "vitest";

import { minidumpAmong, readFiles } from "./files";

test("files are put together, JSON first", async () => {
  const files = [new File(["a crash"], "crash.txt"), new File(['{"memoryMap": []}'], "map.json")];
  expect(await readFiles(files)).toBe('{"memoryMap": []}\na crash');
});

test("a file of Windows is read, and one that is no text refused", async () => {
  const utf16 = new Uint8Array([0xff, 0xfe, 0x6b, 0, 0x6e, 0]);
  expect(await readFiles([new File([utf16], "log.txt")])).toBe("kn");
  await expect(readFiles([new File(["\0"], "a.bin")])).rejects.toThrow("This is no text file");
});

test("a minidump is known by its beginning or its name, and sent alone", async () => {
  const [dump, named, text] = [
    new File(["MDMP\0"], "4f1b"),
    new File(["x"], "a.DMP"),
    new File(["x"], "a"),
  ];
  expect(await minidumpAmong([dump])).toBe(dump);
  expect(await minidumpAmong([named])).toBe(named);
  expect(await minidumpAmong([text])).toBeNull();
  await expect(minidumpAmong([text, dump])).rejects.toThrow("A minidump is sent alone");
});
