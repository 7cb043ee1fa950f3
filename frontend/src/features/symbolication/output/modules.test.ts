// SPDX-License-Identifier: MPL-2.0

import { expect, test } from "vitest";

import { moduleStates } from "./modules";

test("modules without symbols stand first, and those without an id are told apart", () => {
  const module = { code_file: null, code_id: null, assumed: false, error: null };
  const modules = [
    { ...module, debug_file: "a", debug_id: "A", found: true, assumed: true },
    { ...module, debug_file: "b", debug_id: null, found: false },
    { ...module, debug_file: "c", debug_id: "C", found: false },
    {
      ...{ ...module, debug_file: "d", debug_id: "D", found: false },
      error: { name: "pending", message: "its symbols are being derived" } as const,
    },
  ];
  const answer = {
    ...{ format: null, title: null, threads: [], frames: 0, named: 0, unread: [] },
    modules,
  };
  expect(moduleStates(answer).map(({ key, state }) => [key, state])).toEqual([
    ["c/C", "missing"],
    ["d/D", "pending"],
    ["b/", "unknown"],
    ["a/A", "found"],
  ]);
});
