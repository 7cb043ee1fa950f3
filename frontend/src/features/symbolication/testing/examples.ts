// SPDX-License-Identifier: MPL-2.0

import { readFileSync } from "node:fs";

import type { LoadedModule } from "../input/modules";
import type { Answer } from "../output/answer";

type ExampleModule = [debugFile: string, debugId: string, baseAddress: string | null];

/** What the tests of the command line and these share, so that both agree. */
export interface Examples {
  modules: Record<string, ExampleModule>;
  frames: { line: string; number: number | null; module: string; offset: string }[];
  build_id_frames: { line: string; number: number; module: ExampleModule; offset: string }[];
  other_lines: string[];
  unreadable_frames: { line: string; reason: string }[];
  module_lines: { line: string; name: string; module: ExampleModule }[];
  unreadable_modules: { lines: string[]; reason: string }[];
  memory_maps: { json: string; modules: Record<string, ExampleModule> }[];
  unreadable_memory_maps: { json: string; reason: string }[];
  offsets: { modules: string[]; offsets: string[]; job: unknown }[];
  unreadable_offsets: { modules: string[]; offsets: string[]; reason: string }[];
  printed: { answer: Answer; text: string[] }[];
}

export const examples = JSON.parse(
  readFileSync("../tests/examples/symbolication.json", "utf-8"),
) as Examples;

export function loadedModule([debugFile, debugId, base]: ExampleModule): LoadedModule {
  return { debugFile, debugId, baseAddress: base === null ? null : BigInt(base) };
}
