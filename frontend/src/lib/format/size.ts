// SPDX-License-Identifier: MPL-2.0

const UNITS = ["B", "KB", "MB", "GB", "TB", "PB"] as const;
const MAX_COUNTED = 10_000; // by the server

/** Return a number of bytes as people say it, in powers of 1024: `117.7 MB`. */
export function humanSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 1023.95 would be rounded to 1024.0.
  while (value >= 1023.95 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 ? String(value) : value.toFixed(1);
  return `${digits} ${UNITS[unit] ?? ""}`;
}

/** Return the exact number: `123,456,789 bytes`. */
export function exactSize(bytes: number): string {
  return bytes === 1 ? "1 byte" : `${grouped(bytes)} bytes`;
}

/** Return a whole number with its thousands apart: `12,345`. */
export function grouped(number: number): string {
  return number.toLocaleString("en-US");
}

/** Return `3,028`, or that there are more than are counted. */
export function howMany(count: number): string {
  return count < MAX_COUNTED ? grouped(count) : `${grouped(count)} or more`;
}
