// SPDX-License-Identifier: MPL-2.0

import type { LoadedModule } from "./modules";
import { Unreadable } from "./unreadable";

/** How much a request asks for. */
export interface Counts {
  modules: number;
  stacks: number;
  frames: number;
}

/** Count what a v5 or v4 request asks for. Throws Unreadable with what the server would say. */
export function countRequest(request: Readonly<Record<string, unknown>>): Counts {
  const counts = { modules: 0, stacks: 0, frames: 0 };
  for (const [number, job] of jobsOf(request).entries()) {
    const where = `job ${String(number)}`;
    const modules = list(job, "memoryMap", where);
    const stacks = list(job, "stacks", where);
    counts.modules += modules.length;
    counts.stacks += stacks.length;
    for (const [at, stack] of stacks.entries()) {
      if (!Array.isArray(stack))
        throw new Unreadable(`Must be a list of lists (${where}, stack ${String(at)})`);
      counts.frames += stack.length;
    }
  }
  return counts;
}

function jobsOf(request: Readonly<Record<string, unknown>>): unknown[] {
  const jobs = request["jobs"];
  if (jobs === undefined) {
    if ("memoryMap" in request || "stacks" in request) return [request];
    throw new Unreadable("Missing key in JSON ('jobs')");
  }
  if (!Array.isArray(jobs)) throw new Unreadable("Must be a list of jobs");
  if (jobs.length === 0) throw new Unreadable("Jobs list empty");
  return jobs;
}

function list(job: unknown, key: string, where: string): unknown[] {
  if (typeof job !== "object" || job === null || Array.isArray(job))
    throw new Unreadable(`Not a dict (${where})`);
  const value = (job as Record<string, unknown>)[key];
  if (value === undefined) throw new Unreadable(`Missing key in JSON ('${key}') (${where})`);
  if (!Array.isArray(value)) throw new Unreadable(`Must be a list of lists (${where}, ${key})`);
  return value;
}

/** A frame of a request to be built: a module index and an offset. */
export interface RequestFrame {
  index: number;
  offset: bigint;
}

/** Write a v5 request. Offsets have up to 64 bits, which JavaScript's own numbers do not. */
export function buildRequest(
  modules: readonly LoadedModule[],
  stacks: readonly (readonly RequestFrame[])[],
): string {
  const memoryMap = modules.map(({ debugFile, debugId }) => [debugFile, debugId]);
  const frames = stacks.map(
    (stack) =>
      `[${stack.map(({ index, offset }) => `[${String(index)},${String(offset)}]`).join(",")}]`,
  );
  return `{"jobs":[{"memoryMap":${JSON.stringify(memoryMap)},"stacks":[${frames.join(",")}]}]}`;
}
