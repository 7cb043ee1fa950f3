// SPDX-License-Identifier: MPL-2.0

import type { Answer, Module } from "./answer";

/** A module of the answer: with symbols, without (yet), or of which nobody knows the id; and why, if that was told. */
export interface ModuleState {
  key: string;
  debugFile: string;
  debugId: string | null;
  state: "found" | "missing" | "pending" | "unknown";
  reason: string | null;
  assumed: boolean;
}

const ORDER = { missing: 0, pending: 1, unknown: 2, found: 3 } as const;

/** Return the modules of an answer, those without symbols first. */
export function moduleStates({ modules }: Answer): ModuleState[] {
  return modules
    .map((module) => ({
      key: `${module.debug_file}/${module.debug_id ?? ""}`,
      debugFile: module.debug_file,
      debugId: module.debug_id,
      state: stateOf(module),
      reason: reasonOf(module),
      assumed: module.assumed,
    }))
    .sort((one, other) => ORDER[one.state] - ORDER[other.state]);
}

function stateOf({ found, debug_id, error }: Module): ModuleState["state"] {
  if (found) return "found";
  if (error?.name === "pending") return "pending";
  return debug_id === null ? "unknown" : "missing";
}

/** Return more than that nobody has its symbols, or null. */
function reasonOf({ error }: Module): string | null {
  return error === null || error.name === "not_found" ? null : error.message;
}
