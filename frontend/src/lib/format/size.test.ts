// SPDX-License-Identifier: MPL-2.0

import { expect, test } from "vitest";

import { exactSize, humanSize } from "./size";

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1.0 KB"],
  [123_417_067, "117.7 MB"],
  [1024 ** 2 - 1, "1.0 MB"],
  [5 * 1024 ** 4, "5.0 TB"],
])("%d bytes are said as %s", (bytes, said) => expect(humanSize(bytes)).toBe(said));

test("the exact number has its thousands apart", () => {
  expect(exactSize(123_417_067)).toBe("123,417,067 bytes");
  expect(exactSize(1)).toBe("1 byte");
});
