// SPDX-License-Identifier: MPL-2.0

import { expect, test } from "vitest";

import { moduleStates } from "./modules";

test("a module of several jobs stands once, and what is missing first", () => {
  const errors = { "b.pdb/B": [{ name: "not_found" as const, message: "no source has it" }] };
  const first = { "a.pdb/A": null, "c/d.pdb/C": null, "b.pdb/B": null };
  const second = { "b.pdb/B": false, "c/d.pdb/C": true };
  expect(
    moduleStates({
      results: [
        { stacks: [], found_modules: first },
        { stacks: [], found_modules: second, module_errors: errors },
        { stacks: [], found_modules: { "c/d.pdb/C": null } },
      ],
    }),
  ).toEqual([
    {
      key: "b.pdb/B",
      debugFile: "b.pdb",
      debugId: "B",
      state: "missing",
      reasons: ["no source has it"],
    },
    { key: "c/d.pdb/C", debugFile: "c/d.pdb", debugId: "C", state: "found", reasons: [] },
    { key: "a.pdb/A", debugFile: "a.pdb", debugId: "A", state: "not-needed", reasons: [] },
  ]);
});
