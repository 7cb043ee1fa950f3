// SPDX-License-Identifier: MPL-2.0

import type { Problem } from "./understood";
import { Unreadable } from "./unreadable";

/** Collects what cannot be read; lines with the same trouble are named together. */
export class Problems {
  readonly #lines = new Map<string, number[]>();

  /** Add a line (from 0), or null for what has none. */
  add(reason: string, at: number | null): void {
    const lines = this.#lines.get(reason) ?? [];
    if (at !== null) lines.push(at + 1);
    this.#lines.set(reason, lines);
  }

  /** Return what `read` returns; when it throws Unreadable, add that and return null. */
  catch<T>(at: number | null, read: () => T): T | null {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      this.add(error.message, at);
      return null;
    }
  }

  all(): Problem[] {
    return [...this.#lines].map(([reason, lines]) => ({ reason, lines }));
  }
}
