// SPDX-License-Identifier: MPL-2.0

import { expect, test } from "vitest";

import { begunCondition, completionsOf, readTyped, valueBegunIn, withoutLastWord } from "./typed";
import type { ListFilter } from "./types";

const filters: ListFilter[] = [
  { name: "size", label: "Size", kind: "size" },
  { name: "created_at", label: "Uploaded", kind: "time" },
  { name: "user", label: "User" },
  { name: "completed_at", label: "Completed", values: ["incomplete"], also: "state" },
  { name: "debug_id", label: "Debug id" },
];

test.each([
  ["linux  symbols", "linux symbols", {}],
  ["size:>=10mb", "", { size: ">=10mb" }],
  ["linux size >= 10mb user ! bot@", "linux", { size: ">= 10mb", user: "! bot@" }],
  ["Debug id: 44E4 old", "old", { debug_id: "44E4" }],
  ['created:"24 Nov 2026" x', "x", { created_at: "24 Nov 2026" }],
  ["uploaded:>yesterday created_at:<today", "", { created_at: ">yesterday,<today" }],
  ["size", "size", {}],
  ["https://example.com/a.zip", "https://example.com/a.zip", {}],
  ["oversize:big", "oversize:big", {}],
])("%s is free text and conditions", (text, search, values) =>
  expect(readTyped(text, filters)).toEqual({ search, values }),
);

test.each([
  ["size:", "size", "", ""],
  ["linux user !", "user", "! ", "linux"],
  ["Size >=", "size", ">= ", ""],
])("%s begins a condition", (text, name, value, rest) =>
  expect(begunCondition(text, filters)).toMatchObject({ filter: { name }, value, rest }),
);

test.each(["size", "size:1", "https:", "oversize:"])("%s begins none", (text) =>
  expect(begunCondition(text, filters)).toBeNull(),
);

test("the last word is completed", () => {
  expect(completionsOf("linux cre", filters).map(({ name }) => name)).toEqual(["created_at"]);
  expect(completionsOf("u", filters)).toEqual([]);
  expect(withoutLastWord("linux cre")).toBe("linux");
  expect(completionsOf("linux sta", filters).map(({ name }) => name)).toEqual(["completed_at"]);
});

test("a value is completed too", () => {
  expect(completionsOf("linux inc", filters).map(({ name }) => name)).toEqual(["completed_at"]);
  expect(filters.map((filter) => valueBegunIn("linux Inc", filter)).filter(Boolean)).toEqual([
    "incomplete",
  ]);
});
