// SPDX-License-Identifier: MPL-2.0

import type { Answer, Module } from "./answer";

/**
 * A module of the answer: with symbols, without (yet), or of which nobody knows the id; and why, if that
 * was told. `frames` is how many lie in it, the calls inlined into them aside.
 */
export interface ModuleState {
  key: string;
  debugFile: string;
  debugId: string | null;
  state: "found" | "missing" | "pending" | "unknown";
  reason: string | null;
  assumed: boolean;
  frames: number;
}

const ORDER = { missing: 0, pending: 1, unknown: 2, found: 3 } as const;

/** Return the modules of an answer, those without symbols first, and of these the ones with most frames. */
export function moduleStates({ modules, threads }: Answer): ModuleState[] {
  const frames = new Map<string, number>();
  for (const thread of threads)
    for (const { module } of thread.frames)
      if (module !== null) frames.set(module, (frames.get(module) ?? 0) + 1);
  return modules
    .map((module) => ({
      key: `${module.debug_file}/${module.debug_id ?? ""}`,
      debugFile: module.debug_file,
      debugId: module.debug_id,
      state: stateOf(module),
      reason: reasonOf(module),
      assumed: module.assumed,
      frames: frames.get(module.debug_file) ?? 0,
    }))
    .sort((one, other) => ORDER[one.state] - ORDER[other.state] || other.frames - one.frames);
}

/** Say whether something can be done about a module: it has no symbols, or those of an id that was guessed. */
export function needsHelp({ state, assumed }: ModuleState): boolean {
  return state !== "found" || assumed;
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
