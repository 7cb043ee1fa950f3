// SPDX-License-Identifier: MPL-2.0

import { expect, test } from "vitest";

import { examples, loadedModule } from "../testing/examples";
import { readFrameLine, resolveFrame } from "./crash-frames";

const MODULES = new Map(
  Object.entries(examples.modules).map(([name, module]) => [name, loadedModule(module)]),
);

test.each(examples.frames)("$line is a frame", ({ line, number, module, offset }) => {
  const frame = readFrameLine(line);
  expect(frame && resolveFrame(frame, MODULES)).toEqual({
    number,
    module: MODULES.get(module),
    offset: BigInt(offset),
  });
});

test.each(examples.build_id_frames)("$line has a build id", (example) => {
  const frame = readFrameLine(example.line);
  expect(frame && resolveFrame(frame, MODULES)).toEqual({
    number: example.number,
    module: loadedModule(example.module),
    offset: BigInt(example.offset),
  });
});

test.each(examples.other_lines)("%j is no frame", (line) => {
  expect(readFrameLine(line)).toBeNull();
});

test.each(examples.unreadable_frames)("$line looks like a frame", ({ line, reason }) => {
  const frame = readFrameLine(line);
  expect(frame).not.toBeNull();
  expect(() => frame && resolveFrame(frame, MODULES)).toThrow(new Error(reason));
});

test("long lines of anything are read at once", () => {
  const lines = [
    " ".repeat(999),
    "a".repeat(999),
    "+ 0x".repeat(249),
    "#1 pc ".repeat(160),
    "0 ".repeat(499),
    `#1 0x1 (${"+0x1".repeat(240)}`,
  ];
  for (let times = 0; times < 20; times += 1)
    for (const line of lines) {
      const frame = readFrameLine(line);
      if (frame !== null) expect(() => resolveFrame(frame, MODULES)).toThrow();
    }
});
