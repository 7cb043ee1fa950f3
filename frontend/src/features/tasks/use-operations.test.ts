// SPDX-License-Identifier: MPL-2.0

import { expect, test } from "vitest";

import { sentenceOf } from "./use-operations";

const refused = [
  { id: 3, reason: "is running" },
  { id: 4, reason: "is done" },
];

test("what was done is counted", () => {
  expect(sentenceOf("retry", { done: [1], refused: [] })).toBe("1 task will be run again.");
  expect(sentenceOf("drop", { done: [1, 2], refused: [] })).toBe("2 tasks dropped.");
});

test("what was not done is told with its reason", () => {
  expect(sentenceOf("drop", { done: [], refused: refused.slice(0, 1) })).toBe(
    "0 tasks dropped. Left as it is: task 3 (is running).",
  );
  expect(sentenceOf("drop", { done: [1], refused })).toBe(
    "1 task dropped. Left as it is: task 3 (is running), and 1 more.",
  );
});
