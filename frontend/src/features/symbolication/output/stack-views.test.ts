// SPDX-License-Identifier: MPL-2.0

import { expect, test } from "vitest";

import type { Answer, Frame } from "./answer";
import { limitFrames, stackViews, summarize } from "./stack-views";

function frames(length: number, more: Partial<Frame> = {}): Frame[] {
  return Array.from({ length }, () => ({
    line: 1,
    module: "a",
    module_offset: "0x1",
    address: null,
    function: null,
    file: null,
    line_number: null,
    inlines: [],
    found: false,
    ...more,
  }));
}

function answer(...threads: Answer["threads"]): Answer {
  const all = threads.flatMap((thread) => thread.frames);
  const named = all.filter((frame) => frame.found).length;
  return {
    format: "gdb",
    title: null,
    modules: [],
    threads,
    frames: all.length,
    named,
    unread: [],
  };
}

test("threads are told apart where there are several, or they have names", () => {
  const one = { name: null, crashed: true, frames: frames(1) };
  expect(stackViews(answer(one)).map((view) => view.title)).toEqual([null]);
  const other = { name: "main", crashed: false, frames: frames(1) };
  const titles = stackViews(answer(one, other)).map((view) => view.title);
  expect(titles).toEqual(["Thread 0 (crashed)", "Thread main"]);
});

test.each([
  [10, [3, 4], 0],
  [5, [3, 2], 2],
  [3, [3], 4],
])("of %i frames at once %j are shown", (limit, lengths, left) => {
  const threads = [3, 4].map((length) => ({ name: null, crashed: false, frames: frames(length) }));
  const limited = limitFrames(stackViews(answer(...threads)), limit);
  expect(limited.shown.map((view) => view.frames.length)).toEqual(lengths);
  expect(limited.left).toBe(left);
});

test("it is told how many frames have names, and who named them", () => {
  const found = frames(14, { function: "f", found: true });
  const thread = { name: null, crashed: true, frames: [...found, ...frames(2)] };
  expect(summarize(answer(thread))).toBe("14 of 16 frames named");
  const own = { ...thread, frames: frames(1, { function: "g" }) };
  expect(summarize(answer(thread, own))).toBe(
    "14 of 17 frames named; 1 more had a name in the text",
  );
  expect(summarize(answer())).toBe("No line of this is a frame");
});
