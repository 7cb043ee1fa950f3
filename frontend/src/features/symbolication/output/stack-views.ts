// SPDX-License-Identifier: MPL-2.0

import type { AskedStack } from "../input/understood";
import type { Answer, Frame } from "./answer";

/** A stack as it is shown. `numbers` are those of the input, where it has them. */
export interface StackView {
  key: string;
  title: string | null;
  frames: Frame[];
  numbers: readonly (number | null)[];
}

/** Put the stacks of all jobs one after the other; a single one needs no title of its own. */
export function stackViews({ results }: Answer, asked: readonly AskedStack[]): StackView[] {
  const stacks = results.flatMap((job, jobNumber) =>
    job.stacks.map((frames, number) => ({
      key: `${String(jobNumber)}.${String(number)}`,
      ownTitle:
        results.length > 1
          ? `Job ${String(jobNumber)}, stack ${String(number)}`
          : `Stack ${String(number)}`,
      frames,
    })),
  );
  return stacks.map(({ key, ownTitle, frames }, at) => ({
    key,
    title: asked[at]?.title ?? (stacks.length > 1 ? ownTitle : null),
    frames,
    numbers: asked[at]?.numbers ?? [],
  }));
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
    // A stack without frames takes some room, too.
    room -= Math.max(frames.length, 1);
    room = Math.max(room, 0);
    left += stack.frames.length - frames.length;
  }
  return { shown, left };
}
