// SPDX-License-Identifier: MPL-2.0

import { expect, test } from "vitest";

import type { Frame } from "./answer";
import { limitFrames, stackViews } from "./stack-views";

function stack(length: number): Frame[] {
  return Array.from({ length }, (_, frame) => ({ frame, module: "a", module_offset: "0x1" }));
}

function result(...stacks: Frame[][]) {
  return { stacks, found_modules: {} };
}

test.each([
  [[result(stack(1))], [null]],
  [[result(stack(1), stack(2))], ["Stack 0", "Stack 1"]],
  [
    [result(stack(1)), result(stack(1), [])],
    ["Job 0, stack 0", "Job 1, stack 0", "Job 1, stack 1"],
  ],
])("stacks are told apart where there are several", (results, titles) => {
  expect(stackViews({ results }, []).map((view) => view.title)).toEqual(titles);
});

test("the title and the numbers that the input has come first", () => {
  const asked = { title: "Thread 7", numbers: [3] };
  expect(stackViews({ results: [result(stack(1), stack(1))] }, [asked])).toMatchObject([
    asked,
    { title: "Stack 1", numbers: [] },
  ]);
});

test.each([
  [10, [3, 0, 4], 0],
  [5, [3, 0, 1], 3],
  [3, [3], 4],
])("of %i frames at once %j are shown", (limit, lengths, left) => {
  const views = stackViews({ results: [result(stack(3), [], stack(4))] }, []);
  const limited = limitFrames(views, limit);
  expect(limited.shown.map((view) => view.frames.length)).toEqual(lengths);
  expect(limited.left).toBe(left);
});
