// SPDX-License-Identifier: MPL-2.0

import { type FrameLine, readFrameLine } from "./crash-frames";
import { type NamedModule, readModuleLine } from "./modules";
import { readOffsets, readSlashLine } from "./offsets";
import { Unreadable } from "./unreadable";

/** What a line of the input is; `at` counts from 0. */
export type Line = { at: number; text: string } & (
  | { kind: "blank" }
  | { kind: "frame"; frame: FrameLine }
  | { kind: "module"; named: NamedModule; offsets: string[] }
  | { kind: "offsets"; offsets: string[] }
  | { kind: "unreadable"; reason: string }
  | { kind: "other" }
);

/** Tell what each line of a text is by itself, whatever stands around it. */
export function readLines(text: string): Line[] {
  return text.split("\n").map((line, at) => ({ at, text: line.trim(), ...readLine(line) }));
}

type Content<T> = T extends unknown ? Omit<T, "at" | "text"> : never;

function readLine(line: string): Content<Line> {
  if (line.trim() === "") return { kind: "blank" };
  const offsets = readOffsets(line); // before frames: `0x10 20` could be an address in a module `20`
  if (offsets !== null) return { kind: "offsets", offsets };
  const frame = readFrameLine(line);
  if (frame !== null) return { kind: "frame", frame };
  if (line.trim().startsWith("#")) return { kind: "blank" }; // a comment
  const slashed = readSlashLine(line);
  if (slashed !== null) {
    const { module, offsets } = slashed;
    return { kind: "module", named: { name: module.debugFile, module }, offsets };
  }
  try {
    const named = readModuleLine(line);
    if (named !== null) return { kind: "module", named, offsets: [] };
  } catch (error) {
    if (error instanceof Unreadable) return { kind: "unreadable", reason: error.message };
    throw error;
  }
  return { kind: "other" };
}
