// SPDX-License-Identifier: MPL-2.0

import type { Answer, Frame } from "./answer";

/** A stack as it is shown. */
export interface StackView {
  key: string;
  title: string | null;
  frames: Frame[];
}

/** Give each thread a title; a single one that has no name needs none. */
export function stackViews({ threads }: Answer): StackView[] {
  return threads.map(({ name, crashed, frames }, at) => {
    const called = name ?? (threads.length > 1 ? String(at) : null);
    const title = called === null ? null : `Thread ${called}${crashed ? " (crashed)" : ""}`;
    return { key: String(at), title, frames };
  });
}

/** Keep the first frames of all stacks together, and say how many are left. */
export function limitFrames(
  stacks: readonly StackView[],
  limit: number,
): { shown: StackView[]; left: number } {
  const shown: StackView[] = [];
  let room = limit;
  let left = 0;
  for (const stack of stacks) {
    const frames = stack.frames.slice(0, room);
    if (room > 0) shown.push({ ...stack, frames });
    room -= frames.length;
    left += stack.frames.length - frames.length;
  }
  return { shown, left };
}

/** Say how many frames have names, of our symbols and of the text's own: `14 of 16 frames named`. */
export function summarize({ threads, frames, named }: Answer): string {
  if (frames === 0) return "No line of this is a frame";
  const all = threads.flatMap((thread) => thread.frames);
  const own = all.filter((frame) => !frame.found && frame.function !== null).length;
  const ours = `${count(named)} of ${count(frames)} ${frames === 1 ? "frame" : "frames"} named`;
  return own === 0 ? ours : `${ours}; ${count(own)} more had a name in the text`;
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}
