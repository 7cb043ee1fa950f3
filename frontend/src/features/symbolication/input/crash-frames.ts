// SPDX-License-Identifier: MPL-2.0

import type { LoadedModule } from "./modules";
import { hexNumber, Unreadable } from "./unreadable";

/** A line of a crash's text that is a frame, with the number that it has there. */
export interface CrashFrame {
  number: number | null;
  module: LoadedModule;
  offset: bigint;
}

const MAX_LINE_LENGTH = 1000; // a longer line is no frame, and would take the expressions long
const NUMBER = String.raw`\s*(?:#?(?<number>[0-9]{1,9}):?\s+)?`;
const WORD = String.raw`[\p{L}\p{N}_]+`; // what stands in the place of a number need not be one

const BUILD_ID = /\(BuildId: ([0-9a-fA-F]{32,128})\)/;

// The forms that `tecken symbolicate` takes; see its help and tecken.client.crash_text.
const FORMS = [
  String.raw`(?:.*\s)?#(?<number>[0-9]{1,9})\s+pc\s+(?:0x)?(?<offset>${WORD})(?:\s+(?<module>\S+).*)?`,
  String.raw`\s*#(?<number>[0-9]{1,9})\s+0x${WORD}\s+\((?<module>.+)\+0x(?<offset>${WORD})\).*`,
  String.raw`${NUMBER}(?<module>[^\s!][^!]*?)\s*\+\s*0x(?<offset>${WORD})\s*`,
  String.raw`${NUMBER}0x(?<address>${WORD})\s+(?<module>\S+)\s*`,
].map((form) => new RegExp(`^${form}$`, "su"));

/** What a line says of a frame, before it is known whether there is such a module. */
export interface FrameLine {
  number: number | null;
  path: string | null;
  buildId: string | null;
  offset: string | null;
  address: string | null;
}

/** Read a line that has the form of a frame; null for all others. */
export function readFrameLine(line: string): FrameLine | null {
  if (line.length > MAX_LINE_LENGTH) return null;
  for (const form of FORMS) {
    const found = form.exec(line)?.groups;
    if (found === undefined) continue;
    const { number, module, offset, address } = found as Record<string, string | undefined>;
    return {
      number: number === undefined ? null : Number(number),
      path: module ?? null,
      buildId: BUILD_ID.exec(line)?.[1] ?? null,
      offset: offset ?? null,
      address: address ?? null,
    };
  }
  return null;
}

/** Find the module and the offset of a frame. Throws Unreadable. */
export function resolveFrame(
  line: FrameLine,
  modules: ReadonlyMap<string, LoadedModule>,
): CrashFrame {
  const module = moduleOf(line, modules);
  const offset =
    line.offset === null
      ? offsetIn(module, read("address", line.address ?? ""))
      : read("offset", line.offset);
  return { number: line.number, module, offset };
}

function moduleOf(
  { path, buildId }: FrameLine,
  modules: ReadonlyMap<string, LoadedModule>,
): LoadedModule {
  if (path === null) throw new Unreadable("there is no module");
  const name = path.split(/[/\\!]/).at(-1) ?? "";
  const module = modules.get(name);
  if (module !== undefined) return module;
  if (name === "" || buildId === null)
    throw new Unreadable(`${name || path} is not among the modules`);
  return { debugFile: name, debugId: debugIdOf(buildId), baseAddress: null };
}

/** The first 16 bytes of a build id as a GUID, whose first three numbers are swapped, and age 0. */
function debugIdOf(buildId: string): string {
  const bytes = buildId.slice(0, 32).toUpperCase().match(/../g) ?? [];
  const swapped = [3, 2, 1, 0, 5, 4, 7, 6].map((at) => bytes[at]);
  return [...swapped, ...bytes.slice(8), "0"].join("");
}

function read(what: string, digits: string): bigint {
  const number = hexNumber(digits);
  if (number === null)
    throw new Unreadable(`the ${what} ${digits} is no hexadecimal number of 64 bits`);
  return number;
}

function offsetIn({ debugFile, baseAddress }: LoadedModule, address: bigint): bigint {
  if (baseAddress === null)
    throw new Unreadable(`the modules do not say the base address of ${debugFile}`);
  if (address < baseAddress)
    throw new Unreadable(`${hex(address)} is below ${hex(baseAddress)}, where ${debugFile} begins`);
  return address - baseAddress;
}

function hex(number: bigint): string {
  return `0x${number.toString(16)}`;
}
