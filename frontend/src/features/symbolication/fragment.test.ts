// SPDX-License-Identifier: MPL-2.0

// @vitest-environment node
import { deflateRawSync } from "node:zlib";

import { expect, test } from "vitest";

import { decodeFragment, encodeFragment } from "./fragment";

test.each(["", "libfoo.so + 0x10\r\n#1 …", "\ufeffx", "0 xul.dll + 0x10\n".repeat(1000)])(
  "a link brings the same input back: %j",
  async (input) => {
    const fragment = await encodeFragment(input);
    expect(fragment).toMatch(/^#z=[\w-]+$/);
    expect(await decodeFragment(fragment ?? "")).toBe(input);
  },
);

test("a link may be written by hand", async () => {
  expect(await decodeFragment(`#text=${encodeURIComponent("a b.pdb/A\n0x1")}`)).toBe(
    "a b.pdb/A\n0x1",
  );
});

test.each(["", "#", "#top", "#z=", "#z=a b"])("%j has no input", async (fragment) => {
  expect(await decodeFragment(fragment)).toBeNull();
});

test("what is too long for a link has none", async () => {
  const random = crypto.getRandomValues(new Uint8Array(50_000));
  expect(await encodeFragment(Buffer.from(random).toString("hex"))).toBeNull();
});

test.each([
  "#z=AAAA",
  "#text=%",
  `#z=${deflateRawSync(Buffer.alloc(9 << 20)).toString("base64url")}`,
])("%s is refused", async (fragment) => {
  await expect(decodeFragment(fragment)).rejects.toThrow();
});
