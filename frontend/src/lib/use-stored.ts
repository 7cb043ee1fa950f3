// SPDX-License-Identifier: MPL-2.0

import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();

/**
 * A choice that this browser keeps, the same in all of its tabs: `[value, setValue]`.
 *
 * Null where nothing was chosen. A browser that keeps nothing has it until the page is left.
 */
export function useStored(key: string): [string | null, (value: string) => void] {
  const value = useSyncExternalStore(listen, () => read(key));
  return [value, (next) => write(key, next)];
}

const unkept = new Map<string, string>();

function read(key: string): string | null {
  try {
    return localStorage.getItem(key) ?? unkept.get(key) ?? null;
  } catch {
    return unkept.get(key) ?? null; // forbidden by the browser's settings
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    unkept.set(key, value);
  }
  for (const listener of listeners) listener();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("storage", listener); // of other tabs
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}
