// SPDX-License-Identifier: MPL-2.0

import type { Answer, Frame, JobAnswer } from "./answer";

/** Write the stacks as `tecken symbolicate` prints them. */
export function asText({ results }: Answer): string {
  const jobs = results.map((job, number) =>
    jobLines(job, results.length > 1 ? `Job ${String(number)}, stack` : "Stack"),
  );
  return jobs.flat().join("\n");
}

function jobLines({ stacks }: JobAnswer, title: string): string[] {
  const hasTitles = stacks.length > 1 || title !== "Stack";
  return stacks.flatMap((stack, number) => {
    const lines = stack.flatMap(frameLines);
    return hasTitles ? [`${title} ${String(number)}`, ...lines] : lines;
  });
}

/** Write a frame, above it the calls inlined into it, innermost first. */
function frameLines(frame: Frame): string[] {
  const inModule = `${frame.module} + ${frame.module_offset}`;
  const inlines = (frame.inlines ?? []).map(
    ({ function: name = "<unknown>", file, line }) =>
      `       ${printable(name)}  ${printable(place(file, line) ?? inModule)}  (inlined)`,
  );
  const number = String(frame.frame).padStart(3);
  if (frame.function === undefined) return [...inlines, `${number}  ${printable(inModule)}`];
  const where = place(frame.file, frame.line) ?? inModule;
  return [...inlines, `${number}  ${printable(frame.function)}  ${printable(where)}`];
}

/** Return `file:line`, or what is known of it; null where nothing is. */
export function place(file: string | undefined, line: number | undefined): string | null {
  if (file === undefined) return null;
  return line === undefined ? file : `${file}:${String(line)}`;
}

/** Replace what a terminal could take as a command: names come from strangers. */
function printable(text: string): string {
  return text.replace(/[\p{C}\p{Z}]/gu, (character) => (character === " " ? " " : "\ufffd"));
}
