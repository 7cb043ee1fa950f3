// SPDX-License-Identifier: MPL-2.0

import { expect, test } from "vitest";

import { describeProblem, summarize } from "./summary";
import { understand } from "./understand";

test.each([
  ["", ""],
  ["a.pdb/A 0x1", "1 module, 1 stack, 1 frame"],
  ["a.pdb/A 0x1 2\nwhat\nb.pdb/B\nso", "2 modules, 1 stack, 2 frames; 2 lines not understood"],
])("%j is %s", (text, summary) => {
  expect(summarize(understand(text))).toBe(summary);
});

test.each([
  [[], "too bad"],
  [[3], "line 3: too bad"],
  [[1, 2], "lines 1, 2: too bad"],
  [[1, 2, 3, 4, 5, 6, 7], "lines 1, 2, 3, 4, 5 and 2 more: too bad"],
])("the problem of lines %j", (lines, told) => {
  expect(describeProblem({ reason: "too bad", lines })).toBe(told);
});
