// SPDX-License-Identifier: MPL-2.0

import type { LoadedModule } from "./modules";
import { Unreadable } from "./unreadable";

const OFFSET = /^(?:(?<index>\d+):)?(?:0x(?<hex>[0-9a-fA-F]+)|(?<decimal>\d+))$/;
const LIKE_AN_OFFSET = /^-?(?:\d+:)?(?:0x\w*|\d+)$/;
const MODULES = [
  /^https?:\/\/\S*\/(?<debugFile>[^\s/]+)\/(?<debugId>[0-9a-fA-F]+)\/[^/\s]+(?=[\s,]|$)/u,
  /^(?<debugFile>\S(?:.*\S)?)\/(?<debugId>[0-9a-fA-F]+)(?:\/[^/\s]+\.sym)?(?=[\s,]|$)/u,
];

/** A line that names a module as `name/ID`, and perhaps offsets in it: `xul.pdb/44E4… 0x1010a`. */
export interface SlashLine {
  module: LoadedModule;
  offsets: string[];
}

/** Read the offsets of a line that has nothing else: `0xb2e3f7, 1:0x1010a`; else null. */
export function readOffsets(line: string): string[] | null {
  const words = line.split(/[\s,]+/).filter((word) => word !== "");
  return words.length > 0 && words.every((word) => LIKE_AN_OFFSET.test(word)) ? words : null;
}

/** Read `<debug file>/<debug id>`, or a symbol key, or a URL of one, and offsets behind it. */
export function readSlashLine(line: string): SlashLine | null {
  const text = line.trim();
  for (const form of MODULES) {
    const found = form.exec(text);
    const { debugFile, debugId } = found?.groups ?? {};
    if (found === null || debugFile === undefined || debugId === undefined) continue;
    const rest = text.slice(found[0].length);
    const offsets = rest.trim() === "" ? [] : readOffsets(rest);
    if (offsets === null) continue;
    return { module: { debugFile: decoded(debugFile), debugId, baseAddress: null }, offsets };
  }
  return null;
}

/**
 * Find the module of an offset, by its index, and the offset. Throws Unreadable.
 *
 * `above` is the module that it stands below, where just one does.
 */
export function resolveOffset(
  offset: string,
  modules: number,
  above: number | null,
): { index: number; offset: bigint } {
  const found = OFFSET.exec(offset)?.groups;
  if (found === undefined)
    throw new Unreadable(`offset '${offset}' is not 0x…, a decimal number, or <module index>:0x…`);
  const { index, hex, decimal } = found as Record<string, string | undefined>;
  const at = moduleIndex(offset, index, modules, above);
  return { index: at, offset: BigInt(hex === undefined ? (decimal ?? "") : `0x${hex}`) };
}

function moduleIndex(
  offset: string,
  index: string | undefined,
  modules: number,
  above: number | null,
): number {
  if (modules === 0) throw new Unreadable(`offset '${offset}': there is no module`);
  if (index === undefined) {
    if (above !== null) return above;
    if (modules === 1) return 0;
    throw new Unreadable(`offset '${offset}': of which module? Write its index, as in 0:${offset}`);
  }
  if (Number(index) >= modules)
    throw new Unreadable(`offset '${offset}': there is no module ${index}, the first is 0`);
  return Number(index);
}

/** Names in URLs are percent-encoded; a percent sign is in no name. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
