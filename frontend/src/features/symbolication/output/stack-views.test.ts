// SPDX-License-Identifier: MPL-2.0

import { expect, test } from "vitest";

import type { Answer, Frame } from "./answer";
import { frameText } from "./frame-text";
import { commonPrefixes } from "./paths";
import { columnsOf, namedByText, namedFrames, threadViews } from "./stack-views";

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

test("threads are told apart where there are several, or they have names; what crashed comes first", () => {
  const one = { name: null, crashed: true, frames: frames(1) };
  expect(threadViews(answer(one)).map((view) => view.title)).toEqual([null]);
  const other = { name: "main", crashed: false, frames: frames(1) };
  const titles = threadViews(answer(other, { ...other, name: null }, one)).map(
    (view) => view.title,
  );
  expect(titles).toEqual(["Thread 2 (crashed)", "Thread main", "Thread 1"]);
});

test("it is told how many frames have names, and who named them", () => {
  const found = frames(14, { function: "f", found: true });
  const thread = { name: null, crashed: true, frames: [...found, ...frames(2)] };
  expect(namedFrames(answer(thread))).toBe("14 of 16 frames named");
  expect(namedByText(answer(thread))).toBeNull();
  const own = { ...thread, frames: frames(1, { function: "g" }) };
  expect(namedFrames(answer(thread, own))).toBe("14 of 17 frames named");
  expect(namedByText(answer(thread, own))).toBe("1 named by the text");
  expect(namedFrames(answer({ ...thread, frames: found }))).toBe("All 14 frames named");
  expect(namedFrames(answer())).toBe("No line of this is a frame");
});

test("columns are as wide as what stands in them, and not wider than there is room", () => {
  const inlines = [{ function: "g", file: "/src/long_name.h", line_number: 7 }];
  const some = frames(12, { function: "f", file: "/src/a.c", line_number: 1, inlines });
  const prefixes = commonPrefixes(some);
  expect(columnsOf(some, prefixes)).toEqual({
    number: 4,
    place: "long_name.h:7".length,
    module: "inlined".length,
  });
  const wide = frames(1, { function: "f", module: "m".repeat(99), file: "n".repeat(99) });
  expect(columnsOf(wide, new Map())).toEqual({ number: 2, place: 36, module: 22 });
});

test("a frame is text with whole names and paths, and its inlined calls below it", () => {
  const inlines = [{ function: "g", file: "/src/g.h", line_number: null }];
  const [named, bare] = [
    { function: "f", file: "/src/a.c", line_number: 7, inlines },
    { module: null, module_offset: null },
  ].map((more) => frames(1, more)[0]);
  if (named === undefined || bare === undefined) throw new Error("there are two");
  expect(frameText(named, 3, "")).toBe("  3  f at /src/a.c:7  [a + 0x1]\n     3.1  g at /src/g.h");
  expect(frameText(bare, 12, "#12 ?? ()")).toBe(" 12  #12 ?? ()");
});
