// SPDX-License-Identifier: MPL-2.0

/** Return `file:line`, or what is known of it; null where nothing is. */
export function location(file: string | null, line: number | null): string | null {
  if (file === null) return null;
  return line === null ? file : `${file}:${String(line)}`;
}
