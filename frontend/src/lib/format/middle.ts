// SPDX-License-Identifier: MPL-2.0

/** Return a long text without its middle: `44E4EC…577C2`. What is short enough stays whole. */
export function shortenedInTheMiddle(text: string, head = 8, tail = 6): string {
  return text.length <= head + tail + 3 ? text : `${text.slice(0, head)}…${text.slice(-tail)}`;
}
