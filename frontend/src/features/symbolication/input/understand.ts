// SPDX-License-Identifier: MPL-2.0

import { understandLines } from "./frames";
import { jsonError, type JsonHead, readJsonHead } from "./json-head";
import { readLines } from "./lines";
import { type NamedModule, readMemoryMap } from "./modules";
import { Problems } from "./problems";
import { countRequest } from "./requests";
import type { Understood } from "./understood";

const NONE = { modules: 0, stacks: 0, frames: 0 };
const NOTHING: Understood = {
  form: "nothing",
  request: null,
  counts: NONE,
  stacks: [],
  problems: [],
  otherLines: 0,
};

/**
 * Understand any input: a v5 or v4 request; `name/ID` lines with offsets; a crash's text with its
 * modules, as lines anywhere in it or as a memory map in front.
 */
export function understand(text: string): Understood {
  if (text.trim() === "") return NOTHING;
  const head = readJsonHead(text);
  if (head !== null) return understandJson(head, text);
  if (text.trimStart().startsWith("{")) {
    const reason = `Invalid JSON: ${jsonError(text)}`;
    return { ...NOTHING, form: "request", problems: [{ reason, lines: [] }] };
  }
  return understandLines(readLines(text), []);
}

function understandJson({ value, json, rest }: JsonHead, text: string): Understood {
  const memoryMap = memoryMapOf(value);
  const isRequest = typeof value === "object" && value !== null && !Array.isArray(value);
  if (isRequest && (rest.trim() === "" || memoryMap === null))
    return understandRequest(value as Record<string, unknown>, json, rest);
  if (memoryMap === null) return understandLines(readLines(text), []); // as of `[vdso] + 0x10`
  const problems = new Problems();
  const given = problems.catch(null, () => readMemoryMap(memoryMap)) ?? [];
  return addProblems(understandRest(text, rest, given), problems);
}

/** Lines keep the numbers that they have in the whole text. */
function understandRest(text: string, rest: string, given: readonly NamedModule[]): Understood {
  const above = text.slice(0, text.length - rest.length).replace(/[^\n]+/g, "");
  return understandLines(readLines(above + rest), given);
}

function understandRequest(
  request: Record<string, unknown>,
  json: string,
  rest: string,
): Understood {
  const problems = new Problems();
  const counts = problems.catch(null, () => countRequest(request));
  if (rest.trim() !== "") problems.add("There is text behind the request", null);
  const body = counts !== null && counts.frames > 0 ? json : null;
  return {
    ...NOTHING,
    form: "request",
    request: body,
    counts: counts ?? NONE,
    problems: problems.all(),
  };
}

function addProblems(understood: Understood, problems: Problems): Understood {
  return { ...understood, problems: [...problems.all(), ...understood.problems] };
}

function memoryMapOf(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) return value.length > 0 && value.every(Array.isArray) ? value : null;
  const map = (value as Record<string, unknown>)["memoryMap"];
  return Array.isArray(map) ? map : null;
}
