// SPDX-License-Identifier: MPL-2.0

import { useSyncExternalStore } from "react";

/** Since when the server is down, in milliseconds of its last answer; null while it answers. */
let downSince: number | null = null;
let lastAnswer = Date.now();
const listeners = new Set<() => void>();
const refusalListeners = new Set<() => void>();

/** Note that the server has answered, whatever it said. */
export function noteAnswer(): void {
  lastAnswer = Date.now();
  set(null);
}

/** Note that the server does not answer at all. */
export function noteDown(): void {
  set(downSince ?? lastAnswer);
}

/** Note that the server has refused something: it may be that the session has ended. */
export function noteRefusal(): void {
  for (const listener of refusalListeners) listener();
}

export function isDown(): boolean {
  return downSince !== null;
}

/** Call a function whenever the server goes down or comes back; returns what ends that. */
export function onServerState(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Call a function whenever something is refused; returns what ends that. */
export function onRefusal(listener: () => void): () => void {
  refusalListeners.add(listener);
  return () => refusalListeners.delete(listener);
}

/** When the server has answered last, if it is down; else null. */
export function useDownSince(): number | null {
  return useSyncExternalStore(onServerState, () => downSince);
}

function set(next: number | null): void {
  if (next === downSince) return;
  downSince = next;
  for (const listener of listeners) listener();
}
