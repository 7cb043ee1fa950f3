// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

/** How far an upload is. */
export type Progress =
  | { phase: "sending"; sent: number; total: number; rate: number | null; left: number | null }
  | { phase: "checking"; isFetching: boolean }
  | { phase: "storing"; stored: number; skipped: number; total: number | null };
