// SPDX-License-Identifier: MPL-2.0

import { hexNumber, isHexId, Unreadable } from "./unreadable";

/** A module of a crashed process; `baseAddress` is null where nobody said it. */
export interface LoadedModule {
  debugFile: string;
  debugId: string;
  baseAddress: bigint | null;
}

/** A module under the name that the text calls it by. */
export interface NamedModule {
  name: string;
  module: LoadedModule;
}

const LINE =
  /^(?:(?<name>.*\S)\s+->\s+)?(?<debugFile>.*\S)\s+(?<debugId>(?!0x)\S+)(?:\s+0x(?<base>\S+))?$/su;
const MAX_LINE_LENGTH = 1000; // a longer line is no module, and would take the expression long
const LIKE_AN_ID = /^[0-9A-Za-z-]{32,}$/;
const FORM = "is not [<debug file>, <debug id>] or these and a base address";

/**
 * Read `[<name> ->] <debug file> <debug id> [0x<base address>]`, as `tecken symbolicate --modules`.
 *
 * Other text stands beside it here, and most words could be a name and many an id. So where there is
 * neither a name nor a base address, only what is as long as a debug id is taken for one, and what
 * is shorter and not hexadecimal is never complained of.
 */
export function readModuleLine(line: string): NamedModule | null {
  if (line.length > MAX_LINE_LENGTH) return null;
  const found = LINE.exec(line.trim())?.groups;
  if (found?.["debugFile"] === undefined || found["debugId"] === undefined) return null;
  const { name, debugFile, debugId, base } = found;
  const isLong = LIKE_AN_ID.test(debugId);
  if (!isLong && (!isHexId(debugId) || (name === undefined && base === undefined))) return null;
  const module = { debugFile, debugId: checkedId(debugId), baseAddress: null };
  return {
    name: name ?? debugFile,
    module: base === undefined ? module : { ...module, baseAddress: address(base) },
  };
}

/** Read the `memoryMap` of a request; a module may have its base address as third element. */
export function readMemoryMap(memoryMap: readonly unknown[]): NamedModule[] {
  return memoryMap.map((entry, number) => {
    try {
      return readMemoryMapEntry(entry);
    } catch (error) {
      if (error instanceof Unreadable)
        throw new Unreadable(`module ${String(number)} ${error.message}`);
      throw error;
    }
  });
}

function readMemoryMapEntry(entry: unknown): NamedModule {
  if (!Array.isArray(entry) || entry.length < 2 || entry.length > 3) throw new Unreadable(FORM);
  const [debugFile, debugId, base] = entry as unknown[];
  if (typeof debugFile !== "string" || typeof debugId !== "string") throw new Unreadable(FORM);
  const module = { debugFile, debugId: checkedId(debugId), baseAddress: jsonAddress(base) };
  return { name: debugFile, module };
}

function jsonAddress(base: unknown): bigint | null {
  if (base === undefined) return null;
  if (typeof base === "string") return address(base.replace(/^0x/, ""));
  // Numbers beyond 53 bits lose their last bits, but modules begin at whole pages.
  if (typeof base === "number" && Number.isInteger(base)) return BigInt(base);
  throw new Unreadable(FORM);
}

function address(digits: string): bigint {
  const number = hexNumber(digits);
  if (number === null)
    throw new Unreadable(`has the base address 0x${digits}, which is not hexadecimal`);
  return number;
}

function checkedId(debugId: string): string {
  if (!isHexId(debugId))
    throw new Unreadable(`has the debug id '${debugId}', which is not hexadecimal`);
  return debugId;
}
