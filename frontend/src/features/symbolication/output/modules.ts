// SPDX-License-Identifier: MPL-2.0

import type { Answer } from "./answer";

/** A module of the answer: whether it was found, or was not needed, and if missing, why. */
export interface ModuleState {
  key: string;
  debugFile: string;
  debugId: string;
  state: "found" | "missing" | "not-needed";
  reasons: string[];
}

const ORDER = { missing: 0, found: 1, "not-needed": 2 } as const;

/** Return the modules of all jobs, each once: what is missing first, what was not needed last. */
export function moduleStates({ results }: Answer): ModuleState[] {
  const states = new Map<string, ModuleState>();
  for (const { found_modules, module_errors = {} } of results)
    for (const [key, found] of Object.entries(found_modules)) {
      const known = states.get(key);
      if (known !== undefined && known.state !== "not-needed") continue;
      const reasons = (module_errors[key] ?? []).map(({ name, message }) => message || name);
      states.set(key, { key, ...names(key), state: stateOf(found), reasons });
    }
  return [...states.values()].sort((one, other) => ORDER[one.state] - ORDER[other.state]);
}

function stateOf(found: boolean | null): ModuleState["state"] {
  if (found === null) return "not-needed";
  return found ? "found" : "missing";
}

function names(key: string): { debugFile: string; debugId: string } {
  const slash = key.lastIndexOf("/");
  return { debugFile: key.slice(0, slash), debugId: key.slice(slash + 1) };
}
