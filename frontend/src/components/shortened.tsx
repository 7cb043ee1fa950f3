// SPDX-License-Identifier: MPL-2.0

import { shortenedInTheMiddle } from "@/lib/format/middle";

interface Properties {
  text: string;
  /** How many characters of it are seen at most. */
  most?: number;
}

/** A name that may be of any length: without its middle where it is long, whole in its title. */
export function Shortened({ text, most = 60 }: Properties) {
  const tail = Math.floor(most / 3);
  const shown = shortenedInTheMiddle(text, most - tail, tail);
  return shown === text ? text : <span title={text}>{shown}</span>;
}
