// SPDX-License-Identifier: MPL-2.0

import type { Answer, Frame } from "./answer";
import { symbolication } from "@/lib/texts/symbolication";
import { shortPath, type Prefixes } from "./paths";
import { readSourceFile } from "./source-links";

/** A thread as it is shown. */
export interface ThreadView {
  key: string;
  title: string | null;
  crashed: boolean;
  frames: Frame[];
}

/** Give each thread a title; a single one that has no name needs none. Those that crashed come first. */
export function threadViews({ threads }: Answer): ThreadView[] {
  const views = threads.map(({ name, crashed, frames }, at) => {
    const called = name ?? (threads.length > 1 ? String(at) : null);
    const title = called === null ? null : `Thread ${called}${crashed ? " (crashed)" : ""}`;
    return { key: String(at), title, crashed, frames };
  });
  return [...views.filter((view) => view.crashed), ...views.filter((view) => !view.crashed)];
}

/** What is known of a frame besides its function: `walk.pdb + 0x1012`, or its address; "" where nothing is. */
export function inModule({ module, module_offset, address }: Frame): string {
  if (module === null) return address ?? "";
  return module_offset === null ? module : `${module} + ${module_offset}`;
}

/** Where a call is in its source: on a line, in its title, and where it can be seen. */
export interface Place {
  text: string;
  whole: string;
  url: string | null;
}

/** Return the place of a call, without what the paths of its module share; null where none is known. */
export function placeOf(
  { file, line_number }: Pick<Frame, "file" | "line_number">,
  module: string | null,
  prefixes: Prefixes,
): Place | null {
  if (file === null) return null;
  const { path, url } = readSourceFile(file, line_number);
  const line = line_number === null ? "" : `:${String(line_number)}`;
  const short = shortPath(path, prefixes.get(module ?? "") ?? "");
  return { text: `${short}${line}`, whole: `${file}${line}`, url };
}

const WIDEST = { number: 6, place: 36, module: 22 } as const; // characters

/** How wide the columns are that stand in a monospaced face, in characters. */
interface Columns {
  number: number;
  place: number;
  module: number;
}

/** Return how much room the columns of some frames need. */
export function columnsOf(frames: readonly Frame[], prefixes: Prefixes): Columns {
  const columns = { number: String(frames.length).length, place: 0, module: 0 };
  for (const frame of frames) {
    const { module, inlines } = frame;
    if (frame.function !== null) columns.module = Math.max(columns.module, module?.length ?? 0);
    for (const call of [frame, ...inlines]) {
      const place = placeOf(call, module, prefixes);
      columns.place = Math.max(columns.place, place?.text.length ?? 0);
    }
    if (inlines.length > 0) {
      columns.number = Math.max(columns.number, 3 + String(inlines.length).length);
      columns.module = Math.max(columns.module, symbolication.inlined.length);
    }
  }
  return {
    number: Math.min(Math.max(columns.number, 2), WIDEST.number),
    place: Math.min(columns.place, WIDEST.place),
    module: Math.min(columns.module, WIDEST.module),
  };
}

/** Say how many frames have names: `14 of 16 frames named`. */
export function namedFrames({ frames, named }: Answer): string {
  if (frames === 0) return "No line of this is a frame";
  if (frames === named) return frames === 1 ? "1 frame named" : `All ${count(frames)} frames named`;
  return `${count(named)} of ${count(frames)} ${frames === 1 ? "frame" : "frames"} named`;
}

/** Say how many frames have the name that stands in the text, and none of ours; null where none has. */
export function namedByText({ threads }: Answer): string | null {
  const all = threads.flatMap((thread) => thread.frames);
  const own = all.filter((frame) => !frame.found && frame.function !== null).length;
  return own === 0 ? null : `${count(own)} named by the text`;
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}
