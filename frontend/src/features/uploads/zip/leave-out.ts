// SPDX-License-Identifier: MPL-2.0

import type { Judgement } from "./judgement";
import { filesOf, readDirectory, type Entry } from "./read-directory";

const END_BYTES = 22;
const END64_BYTES = 56;
const LOCATOR_BYTES = 20;

/** Return how many files would be left out so that the rest can be sent; 0 where that is no help. */
export function refusedFiles({ members, refusals, stored }: Judgement): number {
  const refused = members.filter(({ verdict }) => verdict.kind === "refused").length;
  return refusals.length === refused && stored > 0 ? refused : 0;
}

/**
 * Return an archive without the files that are refused. Bytes of the others are neither read nor
 * changed: the new one is made of pieces of the old, and of a directory that names those.
 */
export async function leaveOutRefused(file: File, { members }: Judgement): Promise<File> {
  const directory = await readDirectory(file);
  const kept = filesOf(directory).filter((_, number) => {
    return members[number]?.verdict.kind !== "refused";
  });
  const borders = [...directory.entries.map((entry) => entry.headerOffset), directory.start];
  borders.sort((a, b) => a - b);
  const ends = new Map(borders.map((border, number) => [border, borders[number + 1]]));
  const parts: BlobPart[] = [];
  const records: BlobPart[] = [];
  let at = 0;
  for (const entry of kept) {
    const end = ends.get(entry.headerOffset) ?? directory.start;
    parts.push(file.slice(entry.headerOffset, end));
    records.push(movedRecord(entry, at));
    at += end - entry.headerOffset;
  }
  const size = kept.reduce((total, { record }) => total + record.length, 0);
  parts.push(...records, endOf(kept.length, size, at));
  return new File(parts, file.name, { type: file.type, lastModified: file.lastModified });
}

/** Return an entry of the directory for a member that begins elsewhere now. */
function movedRecord({ record, offsetAt }: Entry, offset: number): BlobPart {
  const moved = Uint8Array.from(record);
  const view = new DataView(moved.buffer);
  if (offsetAt === OFFSET_AT) view.setUint32(offsetAt, offset, true);
  else view.setBigUint64(offsetAt, BigInt(offset), true);
  return moved;
}

const OFFSET_AT = 42;

/** Return the zip64 end record with its locator, and the end record. Source: APPNOTE.TXT 4.3.14-16. */
function endOf(count: number, size: number, offset: number): BlobPart {
  const view = new DataView(new ArrayBuffer(END64_BYTES + LOCATOR_BYTES + END_BYTES));
  view.setUint32(0, 0x06064b50, true);
  view.setBigUint64(4, BigInt(END64_BYTES - 12), true);
  view.setUint16(12, 45, true);
  view.setUint16(14, 45, true);
  [count, count, size, offset].forEach((value, number) => {
    view.setBigUint64(24 + 8 * number, BigInt(value), true);
  });
  view.setUint32(END64_BYTES, 0x07064b50, true);
  view.setBigUint64(END64_BYTES + 8, BigInt(offset + size), true);
  view.setUint32(END64_BYTES + 16, 1, true);
  const end = END64_BYTES + LOCATOR_BYTES;
  view.setUint32(end, 0x06054b50, true);
  view.setUint16(end + 8, 0xffff, true);
  view.setUint16(end + 10, 0xffff, true);
  view.setUint32(end + 12, 0xffffffff, true);
  view.setUint32(end + 16, 0xffffffff, true);
  return view.buffer;
}
