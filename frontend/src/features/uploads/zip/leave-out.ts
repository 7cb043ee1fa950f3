// SPDX-License-Identifier: MPL-2.0

import { endRecords } from "./end-record";
import type { Judgement } from "./judgement";
import { filesOf, readDirectory, type Entry } from "./read-directory";

/** Return how many files would be left out so that the rest can be sent; 0 where that is no help. */
export function refusedFiles({ members, refusals, stored }: Judgement): number {
  const refused = members.filter(({ verdict }) => verdict.kind === "refused").length;
  return refusals.length === refused && stored > 0 ? refused : 0;
}

/** Return an archive without the files that are refused. */
export function leaveOutRefused(file: File, { members }: Judgement): Promise<File> {
  return leaveOut(file, (number) => members[number]?.verdict.kind === "refused");
}

/**
 * Return an archive without some of its files. Bytes of the others are neither read nor changed: the new
 * one is made of pieces of the old, and of a directory that names those.
 */
export async function leaveOut(file: File, isLeftOut: (number: number) => boolean): Promise<File> {
  const directory = await readDirectory(file);
  const kept = filesOf(directory).filter((_, number) => !isLeftOut(number));
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
  parts.push(...records, endRecords(kept.length, size, at));
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
