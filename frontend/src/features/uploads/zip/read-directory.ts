// SPDX-License-Identifier: MPL-2.0

import { findEnd, type End } from "./end-record";
import { decodeName } from "./member-name";
import { NotAZipError } from "./not-a-zip-error";

/** An entry of a zip's directory, unjudged; sizes are in bytes. */
export interface Entry {
  name: string;
  size: number;
  compressedSize: number;
  crc: number;
  method: number;
  headerOffset: number;
  flags: number;
  /** The mode of a file as Unix has it, 0 where the archive was made elsewhere. */
  mode: number;
  nameBytes: number;
  /** The entry as it stands in the directory, and where in it the offset of its header is. */
  record: Uint8Array;
  offsetAt: number;
}

/** The entries of an archive, and how many bytes lie before its directory. */
export interface Directory {
  entries: Entry[];
  start: number;
}

/** Return the entries that are files, in the order of the directory. */
export function filesOf({ entries }: Directory): Entry[] {
  return entries.filter((entry) => !entry.name.endsWith("/"));
}

const ENTRY_BYTES = 46;
const ENTRY_SIGNATURE = 0x02014b50;
const UTF8_NAME = 0x800;
const MAX_32 = 0xffffffff;
const ZIP64_EXTRA = 1;
// 20,000 members with names and extra fields of 1 KiB each: no server takes more.
const MAX_DIRECTORY_BYTES = 64 * 1024 * 1024;

/**
 * Read the directory of a zip without reading the rest of it.
 *
 * Throws NotAZipError for what the server refuses to read, with its words.
 */
export async function readDirectory(file: Blob): Promise<Directory> {
  const end = await findEnd(file);
  if (end.size > MAX_DIRECTORY_BYTES) {
    throw new NotAZipError("The archive has a directory that is too large to be listed");
  }
  const data = await file.slice(end.start, end.start + end.size).arrayBuffer();
  if (data.byteLength !== end.size) throw new NotAZipError();
  return { entries: readEntries(new DataView(data), end), start: end.start };
}

function readEntries(data: DataView, end: End): Entry[] {
  const entries: Entry[] = [];
  let at = 0;
  while (entries.length < end.count) {
    if (at + ENTRY_BYTES > data.byteLength) throw new NotAZipError();
    const nameBytes = data.getUint16(at + 28, true);
    const extraBytes = data.getUint16(at + 30, true);
    const size = ENTRY_BYTES + nameBytes + extraBytes + data.getUint16(at + 32, true);
    if (data.getUint32(at, true) !== ENTRY_SIGNATURE || at + size > data.byteLength) {
      throw new NotAZipError();
    }
    const record = new Uint8Array(data.buffer, data.byteOffset + at, size);
    entries.push(readEntry(record, nameBytes, extraBytes, end.shift));
    at += size;
  }
  if (at !== data.byteLength) throw new NotAZipError();
  return entries;
}

function readEntry(
  record: Uint8Array,
  nameBytes: number,
  extraBytes: number,
  shift: number,
): Entry {
  const data = new DataView(record.buffer, record.byteOffset, record.byteLength);
  const flags = data.getUint16(8, true);
  const extraAt = ENTRY_BYTES + nameBytes;
  const name = decodeName(record.subarray(ENTRY_BYTES, extraAt), (flags & UTF8_NAME) !== 0);
  const wide = findZip64(data, extraAt, extraAt + extraBytes);
  const widened = (at: number) => {
    const value = data.getUint32(at, true);
    if (value !== MAX_32) return { value, at };
    const next = wide.shift();
    if (next === undefined) throw new NotAZipError(`'${name}' has no sizes`);
    return { value: Number(data.getBigUint64(next, true)), at: next };
  };
  // In the order of the extra field: size, compressed size, offset.
  const size = widened(24).value;
  const compressedSize = widened(20).value;
  const offset = widened(42);
  return {
    name,
    size,
    compressedSize,
    crc: data.getUint32(16, true),
    method: data.getUint16(10, true),
    headerOffset: offset.value + shift,
    flags,
    mode: data.getUint16(40, true),
    nameBytes,
    record,
    offsetAt: offset.at,
  };
}

/** Return where the 64-bit values of the zip64 extra field are, if there is one. */
function findZip64(data: DataView, start: number, end: number): number[] {
  for (let at = start; at + 4 <= end;) {
    const size = data.getUint16(at + 2, true);
    if (data.getUint16(at, true) === ZIP64_EXTRA) {
      const count = Math.floor(Math.min(size, end - at - 4) / 8);
      return Array.from({ length: count }, (_, number) => at + 4 + 8 * number);
    }
    at += 4 + size;
  }
  return [];
}
