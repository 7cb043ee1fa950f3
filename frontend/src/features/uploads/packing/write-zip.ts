// SPDX-License-Identifier: MPL-2.0

import { endRecords } from "../zip/end-record";
import { contentsOf, type Source } from "./contents";
import { crc32 } from "./crc32";

/** A file that goes into a zip, under a name. */
export interface ZipMember {
  name: string;
  source: Source;
}

const VERSION = 45; // the one that has zip64
const UTF8_NAME = 0x800;
const DEFLATED = 8;
const DATE = 0x21; // the first of January 1980: the same files give the same bytes
const MODE = 0o100644;
const MAX_32 = 0xffffffff;
const ZIP64_BYTES = 28; // its id, its size and three numbers

/**
 * Return the zip of some files, compressed one after the other; what is large is kept where the browser keeps
 * files, not in memory. Source: APPNOTE.TXT 6.3.10, with zip64 for each member.
 */
export async function writeZip(
  members: readonly ZipMember[],
  onRead: (count: number) => void,
): Promise<Blob> {
  const parts: BlobPart[] = [];
  const directory: BlobPart[] = [];
  let offset = 0;
  let directoryBytes = 0;
  for (const { name, source } of members) {
    const packed = await pack(source, onRead);
    const named = new TextEncoder().encode(name);
    const header = localHeader(named, packed);
    parts.push(header, packed.bytes);
    const entry = directoryEntry(named, packed, offset);
    directory.push(entry);
    directoryBytes += entry.byteLength;
    offset += header.byteLength + packed.bytes.size;
  }
  return new Blob([...parts, ...directory, endRecords(members.length, directoryBytes, offset)], {
    type: "application/zip",
  });
}

interface Packed {
  bytes: Blob;
  size: number;
  crc: number;
}

async function pack(source: Source, onRead: (count: number) => void): Promise<Packed> {
  let size = 0;
  let crc = 0;
  const counted = contentsOf(source, onRead).pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        size += chunk.byteLength;
        crc = crc32(chunk, crc);
        controller.enqueue(chunk);
      },
    }),
  );
  const packed = counted.pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = await new Response(packed).blob();
  return { bytes, size, crc };
}

function localHeader(name: Uint8Array, { bytes, size, crc }: Packed): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(30 + name.length + 20);
  const view = new DataView(record.buffer);
  view.setUint32(0, 0x04034b50, true);
  writeCommon(view, 4, name.length, 20, crc);
  record.set(name, 30);
  const extra = 30 + name.length;
  view.setUint16(extra, 1, true);
  view.setUint16(extra + 2, 16, true);
  view.setBigUint64(extra + 4, BigInt(size), true);
  view.setBigUint64(extra + 12, BigInt(bytes.size), true);
  return record;
}

function directoryEntry(
  name: Uint8Array,
  { bytes, size, crc }: Packed,
  offset: number,
): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(46 + name.length + ZIP64_BYTES);
  const view = new DataView(record.buffer);
  view.setUint32(0, 0x02014b50, true);
  view.setUint16(4, (3 << 8) | VERSION, true); // made on Unix
  writeCommon(view, 6, name.length, ZIP64_BYTES, crc);
  view.setUint32(38, MODE * 0x10000, true);
  view.setUint32(42, MAX_32, true);
  record.set(name, 46);
  const extra = 46 + name.length;
  view.setUint16(extra, 1, true);
  view.setUint16(extra + 2, ZIP64_BYTES - 4, true);
  [size, bytes.size, offset].forEach((value, number) =>
    view.setBigUint64(extra + 4 + 8 * number, BigInt(value), true),
  );
  return record;
}

/** Write what both kinds of headers have; the sizes are in the zip64 field. */
function writeCommon(
  view: DataView,
  at: number,
  nameBytes: number,
  extraBytes: number,
  crc: number,
): void {
  view.setUint16(at, VERSION, true);
  view.setUint16(at + 2, UTF8_NAME, true);
  view.setUint16(at + 4, DEFLATED, true);
  view.setUint16(at + 8, DATE, true);
  view.setUint32(at + 10, crc, true);
  view.setUint32(at + 14, MAX_32, true);
  view.setUint32(at + 18, MAX_32, true);
  view.setUint16(at + 22, nameBytes, true);
  view.setUint16(at + 24, extraBytes, true);
}
