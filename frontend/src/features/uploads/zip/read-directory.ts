// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

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
}

/** The entries of an archive, and how many bytes lie before its directory. */
export interface Directory {
  entries: Entry[];
  start: number;
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
    entries.push(readEntry(data, at, nameBytes, extraBytes, end.shift));
    at += size;
  }
  if (at !== data.byteLength) throw new NotAZipError();
  return entries;
}

function readEntry(
  data: DataView,
  at: number,
  nameBytes: number,
  extraBytes: number,
  shift: number,
): Entry {
  const flags = data.getUint16(at + 8, true);
  const nameAt = data.byteOffset + at + ENTRY_BYTES;
  const name = decodeName(
    new Uint8Array(data.buffer, nameAt, nameBytes),
    (flags & UTF8_NAME) !== 0,
  );
  const wide = zip64Values(new DataView(data.buffer, nameAt + nameBytes, extraBytes));
  const widened = (value: number) => {
    if (value !== MAX_32) return value;
    const next = wide.shift();
    if (next === undefined) throw new NotAZipError(`'${name}' has no sizes`);
    return next;
  };
  // In the order of the extra field: size, compressed size, offset.
  const size = widened(data.getUint32(at + 24, true));
  const compressedSize = widened(data.getUint32(at + 20, true));
  const headerOffset = widened(data.getUint32(at + 42, true)) + shift;
  return {
    name,
    size,
    compressedSize,
    crc: data.getUint32(at + 16, true),
    method: data.getUint16(at + 10, true),
    headerOffset,
    flags,
    mode: data.getUint16(at + 40, true),
    nameBytes,
  };
}

/** Return the 64-bit values of the zip64 extra field, if there is one. */
function zip64Values(extra: DataView): number[] {
  for (let at = 0; at + 4 <= extra.byteLength;) {
    const size = extra.getUint16(at + 2, true);
    if (extra.getUint16(at, true) === ZIP64_EXTRA) {
      const count = Math.floor(Math.min(size, extra.byteLength - at - 4) / 8);
      return Array.from({ length: count }, (_, number) =>
        Number(extra.getBigUint64(at + 4 + 8 * number, true)),
      );
    }
    at += 4 + size;
  }
  return [];
}
