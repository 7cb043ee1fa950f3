// SPDX-License-Identifier: MPL-2.0

import { resolveFrame } from "./crash-frames";
import type { Line } from "./lines";
import type { LoadedModule, NamedModule } from "./modules";
import { resolveOffset } from "./offsets";
import { Problems } from "./problems";
import { buildRequest, type RequestFrame } from "./requests";
import type { AskedStack, Understood } from "./understood";

/**
 * Find the frames in lines; `given` are modules that stand in front of them.
 *
 * Where the lines have frames as crashes have them, all other text is part of the crash, and the
 * modules are those that the frames need. Else each line must be a module or offsets.
 */
export function understandLines(lines: readonly Line[], given: readonly NamedModule[]): Understood {
  const isCrash = lines.some((line) => line.kind === "frame");
  return isCrash ? understandCrash(lines, given) : understandOffsets(lines, given);
}

function understandCrash(lines: readonly Line[], given: readonly NamedModule[]): Understood {
  const problems = new Problems();
  const modules = byName(lines, given, problems);
  const needed = new Map<string, { index: number; module: LoadedModule }>();
  const stacks: { asked: AskedStack; frames: RequestFrame[] }[] = [];
  let others = 0;
  for (const line of lines) {
    if (line.kind === "unreadable") problems.add(line.reason, line.at);
    if (line.kind === "other" || line.kind === "offsets") others += 1;
    if (line.kind !== "frame") continue;
    const frame = problems.catch(line.at, () => resolveFrame(line.frame, modules));
    if (frame === null) continue;
    const { debugFile, debugId } = frame.module;
    const key = JSON.stringify([debugFile, debugId]);
    const { index } = needed.get(key) ?? { index: needed.size };
    needed.set(key, { index, module: frame.module });
    let stack = stacks.at(-1);
    if (stack === undefined || beginsAgain(stack.asked, frame.number)) {
      stack = { asked: { title: titleAbove(lines, line.at), numbers: [] }, frames: [] };
      stacks.push(stack);
    }
    stack.asked.numbers.push(frame.number);
    stack.frames.push({ index, offset: frame.offset });
  }
  const asked = [...needed.values()].map(({ module }) => module);
  return understood("crash", asked, stacks, problems, others);
}

function understandOffsets(lines: readonly Line[], given: readonly NamedModule[]): Understood {
  const problems = new Problems();
  const modules = given.map(({ module }) => module);
  const total =
    given.length + lines.reduce((count, line) => count + (line.kind === "module" ? 1 : 0), 0);
  const frames: RequestFrame[] = [];
  let together = given.length; // modules that stand together above, without offsets between them
  let isAbove = true;
  for (const line of lines) {
    if (line.kind === "unreadable") problems.add(line.reason, line.at);
    if (line.kind === "other") problems.add(NO_LINE, line.at);
    if (line.kind === "module") {
      together = isAbove ? together + 1 : 1;
      isAbove = true;
      modules.push(line.named.module);
    }
    if (line.kind !== "module" && line.kind !== "offsets") continue;
    for (const offset of line.offsets) {
      const above = line.kind === "module" || together === 1 ? modules.length - 1 : null;
      const frame = problems.catch(line.at, () => resolveOffset(offset, total, above));
      if (frame !== null) frames.push(frame);
      isAbove = false;
    }
  }
  const asked = { title: null, numbers: frames.map(() => null) };
  return understood("offsets", modules, frames.length ? [{ asked, frames }] : [], problems, 0);
}

const NO_LINE = "is no module, no offset and no frame";
const MAX_TITLE_LENGTH = 200;

function understood(
  form: "crash" | "offsets",
  modules: readonly LoadedModule[],
  stacks: readonly { asked: AskedStack; frames: RequestFrame[] }[],
  problems: Problems,
  otherLines: number,
): Understood {
  const frames = stacks.map((stack) => stack.frames);
  return {
    form,
    request: frames.length > 0 ? buildRequest(modules, frames) : null,
    counts: { modules: modules.length, stacks: stacks.length, frames: frames.flat().length },
    stacks: stacks.map(({ asked }) => asked),
    problems: problems.all(),
    otherLines,
  };
}

/** Numbers of frames rise in a stack; where they do not, another begins. */
function beginsAgain({ numbers }: AskedStack, number: number | null): boolean {
  const last = numbers.at(-1) ?? null;
  return number !== null && last !== null && number <= last;
}

/** What a crash says of a stack stands right above it: `Thread 3 (crashed)`. */
function titleAbove(lines: readonly Line[], at: number): string | null {
  const line = lines[at - 1];
  return line?.kind === "other" && line.text.length <= MAX_TITLE_LENGTH ? line.text : null;
}

function byName(
  lines: readonly Line[],
  given: readonly NamedModule[],
  problems: Problems,
): ReadonlyMap<string, LoadedModule> {
  const modules = new Map<string, LoadedModule>();
  const put = ({ name, module }: NamedModule, at: number | null) => {
    const first = modules.get(name);
    if (first === undefined) modules.set(name, module);
    else if (!isSame(first, module))
      problems.add(`is a second '${name}', different from the first`, at);
  };
  for (const named of given) put(named, null);
  for (const line of lines) if (line.kind === "module") put(line.named, line.at);
  return modules;
}

function isSame(one: LoadedModule, other: LoadedModule): boolean {
  return (
    one.debugFile === other.debugFile &&
    one.debugId === other.debugId &&
    one.baseAddress === other.baseAddress
  );
}
