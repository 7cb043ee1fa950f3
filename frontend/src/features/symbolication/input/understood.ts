// SPDX-License-Identifier: MPL-2.0

import type { Counts } from "./requests";

/** What could not be read of the input: the numbers of lines (from 1), none if it is not a line. */
export interface Problem {
  reason: string;
  lines: number[];
}

/** What the input itself says of a stack: a title, and numbers of frames, where it has any. */
export interface AskedStack {
  title: string | null;
  numbers: (number | null)[];
}

/**
 * What was understood of the input.
 *
 * `request` is the body to be sent to `/symbolicate/v5`, null where there is nothing to ask for.
 * `otherLines` are the lines of a crash's text that are no frames and need not be.
 */
export interface Understood {
  form: "nothing" | "request" | "crash" | "offsets";
  request: string | null;
  counts: Counts;
  stacks: AskedStack[];
  problems: Problem[];
  otherLines: number;
}
