// SPDX-License-Identifier: MPL-2.0

import { useSyncExternalStore } from "react";

const TICK_MILLISECONDS = 30_000;

let now = new Date();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  now = new Date();
  timer ??= setInterval(() => {
    now = new Date();
    for (const told of listeners) told();
  }, TICK_MILLISECONDS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time, which moves on twice a minute. */
export function useNow(): Date {
  return useSyncExternalStore(subscribe, () => now);
}
