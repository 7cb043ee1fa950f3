// SPDX-License-Identifier: MPL-2.0

/** Which files are native ones of a build, by their first bytes (`tecken.core.native.kinds`). */

export const HEAD_BYTES = 4096;
const MAGICS = ["7f454c46", "53595342", "42534a42", "feedface", "feedfacf", "cefaedfe", "cffaedfe"];
const PDB_MAGICS = ["Microsoft C/C++ MSF 7.00", "Microsoft C/C++ program database 2.00"];
const FAT_MAGICS = ["cafebabe", "cafebabf"];
const MAX_SLICES = 40; // more is the version of a Java class
const PE_OFFSET_AT = 0x3c;

export function isNative(head: Uint8Array): boolean {
  const magic = hex(head.subarray(0, 4));
  if (MAGICS.includes(magic)) return true;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (FAT_MAGICS.includes(magic)) {
    return head.length >= 8 && view.getUint32(4) > 0 && view.getUint32(4) <= MAX_SLICES;
  }
  const text = latin1(head.subarray(0, 40));
  return PDB_MAGICS.some((start) => text.startsWith(start)) || isPe(head, view);
}

function isPe(head: Uint8Array, view: DataView): boolean {
  if (latin1(head.subarray(0, 2)) !== "MZ" || head.length < PE_OFFSET_AT + 4) return false;
  const offset = view.getUint32(PE_OFFSET_AT, true);
  return latin1(head.subarray(offset, offset + 4)) === "PE\0\0";
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
