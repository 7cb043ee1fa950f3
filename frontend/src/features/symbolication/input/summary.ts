// SPDX-License-Identifier: MPL-2.0

import type { Problem, Understood } from "./understood";

/** Say what was understood: `2 modules, 1 stack, 14 frames; 1 line not understood`. */
export function summarize({ counts, problems, form }: Understood): string {
  if (form === "nothing") return "";
  const parts = [
    counted(counts.modules, "module"),
    counted(counts.stacks, "stack"),
    counted(counts.frames, "frame"),
  ].join(", ");
  const lines = new Set(problems.flatMap((problem) => problem.lines)).size;
  return lines === 0 ? parts : `${parts}; ${counted(lines, "line")} not understood`;
}

const MOST_LINES = 5;

/** Name what is wrong and where: `lines 3, 7 and 12 more: libc.so is not among the modules`. */
export function describeProblem({ reason, lines }: Problem): string {
  if (lines.length === 0) return reason;
  const named = lines.slice(0, MOST_LINES).join(", ");
  const more = lines.length - MOST_LINES;
  const where = more > 0 ? `${named} and ${String(more)} more` : named;
  return `${lines.length === 1 ? "line" : "lines"} ${where}: ${reason}`;
}

function counted(count: number, thing: string): string {
  return `${count.toLocaleString("en-US")} ${thing}${count === 1 ? "" : "s"}`;
}
