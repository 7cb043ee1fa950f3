// SPDX-License-Identifier: MPL-2.0

import { expect, test } from "vitest";

import { examples, loadedModule } from "../testing/examples";
import { readMemoryMap, readModuleLine } from "./modules";

test.each(examples.module_lines)("$line is a module", ({ line, name, module }) => {
  expect(readModuleLine(line)).toEqual({ name, module: loadedModule(module) });
});

test.each([
  "Process 4711",
  "signal 11 (SIGSEGV), code 1 (SEGV_MAPERR), fault addr 0x0",
  "rip = 0x00007f12a4b0b2e3",
  "fault -> in thread",
  "libfoo.so",
  `libfoo.so ${"A".repeat(1000)}`,
])("%s is no module and not complained of", (line) => {
  expect(readModuleLine(line)).toBeNull();
});

test.each(examples.memory_maps)("$json is a memory map", ({ json, modules }) => {
  const value = JSON.parse(json) as unknown[] | { memoryMap: unknown[] };
  const read = readMemoryMap(Array.isArray(value) ? value : value.memoryMap);
  expect(Object.fromEntries(read.map(({ name, module }) => [name, module]))).toEqual(
    Object.fromEntries(Object.entries(modules).map(([name, m]) => [name, loadedModule(m)])),
  );
});

test.each(examples.unreadable_memory_maps)("$json is no memory map", ({ json, reason }) => {
  expect(() => readMemoryMap(JSON.parse(json) as unknown[])).toThrow(new Error(reason));
});
