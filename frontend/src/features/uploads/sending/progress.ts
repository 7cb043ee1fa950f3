// SPDX-License-Identifier: MPL-2.0

/** How far an upload is. */
export type Progress =
  | { phase: "sending"; sent: number; total: number; rate: number | null; left: number | null }
  | { phase: "checking"; isFetching: boolean }
  | { phase: "storing"; stored: number; skipped: number; total: number | null };
