// SPDX-License-Identifier: MPL-2.0

/** A member of a made zip: what is not given is what any tool writes. */
export interface Member {
  name: string;
  data?: string;
  /** What is in the file instead, compressed, say. */
  bytes?: Uint8Array;
  flags?: number;
  method?: number;
  mode?: number;
  crc?: number;
  size?: number;
  compressedSize?: number;
  rawName?: Uint8Array;
  zip64?: boolean;
  headerOffset?: number;
}

interface Options {
  prefix?: string;
  comment?: string;
  zip64?: boolean;
  count?: number;
}

const UTF8 = 0x800;
const MAX_32 = 0xffffffff;

/** Make a zip byte by byte, so that it can be wrong in any way; checksums are all 0. */
export function makeZip(members: Member[], options: Options = {}): File {
  const encode = (text: string) => new TextEncoder().encode(text);
  const parts: Uint8Array[] = [encode(options.prefix ?? "")];
  let at = 0;
  const offsets = members.map((member) => {
    const start = at;
    const header = new Uint8Array(30);
    const data = member.bytes ?? encode(member.data ?? "");
    const name = member.rawName ?? encode(member.name);
    new DataView(header.buffer).setUint32(0, 0x04034b50, true);
    new DataView(header.buffer).setUint16(26, name.length, true);
    parts.push(header, name, data);
    at += header.length + name.length + data.length;
    return start;
  });
  const directory = members.map((member, number) =>
    entry(member, member.headerOffset ?? offsets[number] ?? 0, encode),
  );
  const size = directory.reduce((total, bytes) => total + bytes.length, 0);
  const count = options.count ?? members.length;
  parts.push(...directory);
  if (options.zip64 === true) parts.push(end64(count, size, at));
  parts.push(end(count, size, at, encode(options.comment ?? ""), options.zip64 === true));
  return new File(parts as BlobPart[], "symbols.zip");
}

function entry(member: Member, offset: number, encode: (text: string) => Uint8Array): Uint8Array {
  const name = member.rawName ?? encode(member.name);
  const size = member.size ?? encode(member.data ?? "").length;
  const compressedSize =
    member.compressedSize ?? (member.bytes ?? encode(member.data ?? "")).length;
  const extraBytes = member.zip64 === true ? 4 + 24 : 0;
  const bytes = new Uint8Array(46 + name.length + extraBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x02014b50, true);
  view.setUint16(8, member.flags ?? UTF8, true);
  view.setUint16(10, member.method ?? 0, true);
  view.setUint32(16, member.crc ?? 0, true);
  view.setUint32(20, member.zip64 === true ? MAX_32 : compressedSize, true);
  view.setUint32(24, member.zip64 === true ? MAX_32 : size, true);
  view.setUint16(28, name.length, true);
  view.setUint16(30, extraBytes, true);
  view.setUint16(40, member.mode ?? 0, true);
  view.setUint32(42, member.zip64 === true ? MAX_32 : offset, true);
  bytes.set(name, 46);
  if (member.zip64 === true) {
    const extra = 46 + name.length;
    view.setUint16(extra, 1, true);
    view.setUint16(extra + 2, 24, true);
    [size, compressedSize, offset].forEach((value, number) =>
      view.setBigUint64(extra + 4 + 8 * number, BigInt(value), true),
    );
  }
  return bytes;
}

function end64(count: number, size: number, offset: number): Uint8Array {
  const bytes = new Uint8Array(56 + 20);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x06064b50, true);
  view.setBigUint64(4, 44n, true);
  view.setBigUint64(24, BigInt(count), true);
  view.setBigUint64(32, BigInt(count), true);
  view.setBigUint64(40, BigInt(size), true);
  view.setBigUint64(48, BigInt(offset), true);
  view.setUint32(56, 0x07064b50, true);
  view.setUint32(72, 1, true);
  return bytes;
}

function end(
  count: number,
  size: number,
  offset: number,
  comment: Uint8Array,
  zip64: boolean,
): Uint8Array {
  const bytes = new Uint8Array(22 + comment.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x06054b50, true);
  view.setUint16(8, zip64 ? 0xffff : count, true);
  view.setUint16(10, zip64 ? 0xffff : count, true);
  view.setUint32(12, zip64 ? MAX_32 : size, true);
  view.setUint32(16, zip64 ? MAX_32 : offset, true);
  view.setUint16(20, comment.length, true);
  bytes.set(comment, 22);
  return bytes;
}
