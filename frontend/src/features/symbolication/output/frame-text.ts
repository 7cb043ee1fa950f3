// SPDX-License-Identifier: MPL-2.0

import type { Frame } from "./answer";
import { inModule } from "./stack-views";

/**
 * Return a frame as lines of text, with whole names and paths, and the calls inlined into it below:
 * `  3  main at /src/main.cc:12  [walk.pdb + 0x1012]`.
 */
export function frameText(frame: Frame, number: number, origin: string): string {
  const known = inModule(frame);
  const start = String(number).padStart(3);
  if (frame.function === null) return `${start}  ${known || origin}`;
  const called = `${start}  ${described(frame.function, frame)}`;
  const inlined = frame.inlines.map(
    (call, at) =>
      `     ${String(number)}.${String(at + 1)}  ${described(call.function ?? "??", call)}`,
  );
  return [known === "" ? called : `${called}  [${known}]`, ...inlined].join("\n");
}

function described(name: string, { file, line_number }: Pick<Frame, "file" | "line_number">) {
  if (file === null) return name;
  return line_number === null ? `${name} at ${file}` : `${name} at ${file}:${String(line_number)}`;
}
