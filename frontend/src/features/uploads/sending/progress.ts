// SPDX-License-Identifier: MPL-2.0

/** How far an upload is; bytes until files are stored. */
export type Progress =
  | { phase: "comparing"; done: number; total: number }
  | { phase: "packing"; done: number; total: number }
  | { phase: "sending"; sent: number; total: number; rate: number | null; left: number | null }
  | { phase: "checking"; isFetching: boolean }
  | { phase: "storing"; stored: number; skipped: number; total: number | null };

/** How much of it is done, in percent; null while nobody can tell. */
export function percentOf(progress: Progress | null): number | null {
  if (progress === null || progress.phase === "checking") return null;
  if (progress.phase === "sending") return percent(progress.sent, progress.total);
  if (progress.phase !== "storing") return percent(progress.done, progress.total);
  if (progress.total === null) return null;
  return percent(progress.stored + progress.skipped, progress.total);
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.min(100, (100 * part) / whole);
}
