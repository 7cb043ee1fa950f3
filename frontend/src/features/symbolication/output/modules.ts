// SPDX-License-Identifier: MPL-2.0

import type { Answer, Module } from "./answer";

/** A module of the answer: with symbols, without, or of which nobody knows the id. */
export interface ModuleState {
  key: string;
  debugFile: string;
  debugId: string | null;
  state: "found" | "missing" | "unknown";
  assumed: boolean;
}

const ORDER = { missing: 0, unknown: 1, found: 2 } as const;

/** Return the modules of an answer, those without symbols first. */
export function moduleStates({ modules }: Answer): ModuleState[] {
  return modules
    .map((module) => ({
      key: `${module.debug_file}/${module.debug_id ?? ""}`,
      debugFile: module.debug_file,
      debugId: module.debug_id,
      state: stateOf(module),
      assumed: module.assumed,
    }))
    .sort((one, other) => ORDER[one.state] - ORDER[other.state]);
}

function stateOf({ found, debug_id }: Module): ModuleState["state"] {
  if (found) return "found";
  return debug_id === null ? "unknown" : "missing";
}
