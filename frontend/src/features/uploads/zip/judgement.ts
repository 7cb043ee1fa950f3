// SPDX-License-Identifier: MPL-2.0

import type { PathVerdict } from "./symbol-paths";

export interface JudgedMember {
  name: string;
  size: number;
  verdict: PathVerdict;
  /** What is odd about it, for which it is not refused. */
  note?: string;
  /** The first line of a symbol file that does not fit its path. */
  line?: string;
}

/** What is in an archive, and what is wrong with it; the server refuses one with any refusal. */
export interface Judgement {
  members: JudgedMember[];
  stored: number;
  ignored: number;
  /** Of all files, when inflated. */
  totalBytes: number;
  /** What the server will say; the first of these is what it does say. */
  refusals: string[];
}
