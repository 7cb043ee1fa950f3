// SPDX-License-Identifier: MPL-2.0

const WINDOW_MS = 5000;

/** How fast something goes, over the last seconds, and how long the rest takes. */
export class Rate {
  #samples: { at: number; done: number }[] = [];

  /** Note that `done` bytes have gone at `at`, in milliseconds of any clock. */
  note(done: number, at: number): void {
    this.#samples.push({ at, done });
    // One sample from before the window stays, so that it has a beginning.
    while (this.#samples[1] !== undefined && this.#samples[1].at <= at - WINDOW_MS) {
      this.#samples.shift();
    }
  }

  /** Bytes per second; null until there is something to tell it by. */
  get bytesPerSecond(): number | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.at <= first.at) return null;
    return ((last.done - first.done) * 1000) / (last.at - first.at);
  }

  /** Seconds until `total` bytes have gone; null when nothing moves. */
  secondsLeft(total: number): number | null {
    const rate = this.bytesPerSecond;
    const done = this.#samples.at(-1)?.done;
    if (rate === null || rate <= 0 || done === undefined) return null;
    return Math.max(0, total - done) / rate;
  }
}
