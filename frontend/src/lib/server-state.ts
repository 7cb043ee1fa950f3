// SPDX-License-Identifier: MPL-2.0

import { useSyncExternalStore } from "react";

import { asApiError } from "./api/errors";

/** Whether the server answers, as far as the last request could tell. */
export type ServerState = "up" | "down" | "refused";

let state: ServerState = "up";
const listeners = new Set<() => void>();

function set(next: ServerState): void {
  if (next === state) return;
  state = next;
  for (const listener of listeners) listener();
}

/** Note that a request failed. `refused` may mean that the session has ended. */
export function noteFailure(error: unknown): void {
  const { status } = asApiError(error);
  if (status === 0 || (status >= 502 && status <= 504)) set("down");
  else if (status === 403) set("refused");
}

/** Note that what was wrong is over. */
export function noteRecovery(): void {
  set("up");
}

export function useServerState(): ServerState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
}
