// SPDX-License-Identifier: MPL-2.0

/** A piece of the input that looks like something and cannot be it; the message is the reason. */
export class Unreadable extends Error {}

const HEX_DIGITS = /^[0-9a-fA-F]{1,16}$/; // 64 bits

/** Read hexadecimal digits, without `0x`; null for anything else, and beyond 64 bits. */
export function hexNumber(digits: string): bigint | null {
  return HEX_DIGITS.test(digits) ? BigInt(`0x${digits}`) : null;
}

export function isHexId(text: string): boolean {
  return /^[0-9a-fA-F]+$/.test(text);
}
