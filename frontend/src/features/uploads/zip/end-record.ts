// SPDX-License-Identifier: MPL-2.0

import { NotAZipError } from "./not-a-zip-error";

/** Where the directory of a zip is. `shift` is the number of bytes before the archive. */
export interface End {
  count: number;
  start: number;
  size: number;
  shift: number;
}

interface Fields {
  at: number;
  disk: number;
  firstDisk: number;
  countHere: number;
  count: number;
  size: number;
  offset: number;
}

const END_BYTES = 22;
const END64_BYTES = 56;
const LOCATOR_BYTES = 20;
const MAX_COMMENT_BYTES = 0xffff;
const END_SIGNATURE = 0x06054b50;
const END64_SIGNATURE = 0x06064b50;
const LOCATOR_SIGNATURE = 0x07064b50;

/**
 * Find the end record, as the server does. Source: APPNOTE.TXT 6.3.10, sections 4.3.14 to 4.3.16.
 *
 * Throws NotAZipError.
 */
export async function findEnd(file: Blob): Promise<End> {
  const most = END_BYTES + MAX_COMMENT_BYTES + END64_BYTES + LOCATOR_BYTES;
  const start = Math.max(0, file.size - most);
  const tail = new DataView(await file.slice(start).arrayBuffer());
  // The comment may hold anything, so the last signature need not be the record.
  for (let at = tail.byteLength - END_BYTES; at >= 0; at -= 1) {
    if (tail.getUint32(at, true) === END_SIGNATURE) {
      const end = parseEnd(tail, at, start);
      if (end !== null) return end;
    }
  }
  throw new NotAZipError();
}

/** Read an end record; null when these bytes are none, or of an archive in several files. */
function parseEnd(tail: DataView, at: number, tailStart: number): End | null {
  const commentSize = tail.getUint16(at + 20, true);
  if (at + END_BYTES + commentSize > tail.byteLength) return null;
  const fields = parseEnd64(tail, at) ?? {
    at,
    disk: tail.getUint16(at + 4, true),
    firstDisk: tail.getUint16(at + 6, true),
    countHere: tail.getUint16(at + 8, true),
    count: tail.getUint16(at + 10, true),
    size: tail.getUint32(at + 12, true),
    offset: tail.getUint32(at + 16, true),
  };
  const directoryEnd = tailStart + fields.at;
  const shift = directoryEnd - fields.size - fields.offset;
  const isWhole = fields.disk === 0 && fields.firstDisk === 0 && fields.countHere === fields.count;
  if (!isWhole || shift < 0) return null;
  return { count: fields.count, start: directoryEnd - fields.size, size: fields.size, shift };
}

/** Read the zip64 end record, which stands with its locator just before the end record. */
function parseEnd64(tail: DataView, endAt: number): Fields | null {
  const at = endAt - LOCATOR_BYTES - END64_BYTES;
  if (at < 0 || tail.getUint32(at, true) !== END64_SIGNATURE) return null;
  if (tail.getUint32(at + END64_BYTES, true) !== LOCATOR_SIGNATURE) return null;
  const wide = (offset: number) => Number(tail.getBigUint64(at + offset, true));
  return {
    at,
    disk: tail.getUint32(at + 16, true),
    firstDisk: tail.getUint32(at + 20, true),
    countHere: wide(24),
    count: wide(32),
    size: wide(40),
    offset: wide(48),
  };
}

/** Return the zip64 end record with its locator, and the end record. Source: APPNOTE.TXT 4.3.14-16. */
export function endRecords(count: number, size: number, offset: number): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(END64_BYTES + LOCATOR_BYTES + END_BYTES));
  view.setUint32(0, END64_SIGNATURE, true);
  view.setBigUint64(4, BigInt(END64_BYTES - 12), true);
  view.setUint16(12, 45, true);
  view.setUint16(14, 45, true);
  [count, count, size, offset].forEach((value, number) =>
    view.setBigUint64(24 + 8 * number, BigInt(value), true),
  );
  view.setUint32(END64_BYTES, LOCATOR_SIGNATURE, true);
  view.setBigUint64(END64_BYTES + 8, BigInt(offset + size), true);
  view.setUint32(END64_BYTES + 16, 1, true);
  const end = END64_BYTES + LOCATOR_BYTES;
  view.setUint32(end, END_SIGNATURE, true);
  view.setUint16(end + 8, 0xffff, true);
  view.setUint16(end + 10, 0xffff, true);
  view.setUint32(end + 12, 0xffffffff, true);
  view.setUint32(end + 16, 0xffffffff, true);
  return view.buffer;
}
