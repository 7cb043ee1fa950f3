// SPDX-License-Identifier: MPL-2.0

import { shortenedInTheMiddle } from "@/lib/format/middle";

import { CopyButton } from "./copy-button";
import classes from "./mono.module.css";

interface Properties {
  text: string;
  /** What it is: `debug id`. */
  label: string;
  /** Leave out the middle of a long one, or of one with more characters; it is whole in the title, when copied, and in print. */
  short?: boolean | number;
  /** Without the button where there are many, as in a list of keys. */
  copy?: boolean;
}

/** An id, a key, an offset or a hash: monospaced, whole and selectable, with a button to copy it. */
export function Mono({ text, label, short = false, copy = true }: Properties) {
  const shown = short !== false ? shortenedInTheMiddle(text, ...partsOf(short)) : text;
  return (
    <span className={classes["mono"]}>
      <code title={text} {...(shown !== text && { "data-whole": text })}>
        {shown}
      </code>
      {copy && <CopyButton className={classes["copy"]} text={text} label={label} />}
    </span>
  );
}

function partsOf(most: number | true): [head?: number, tail?: number] {
  if (most === true) return [];
  const tail = Math.floor(most / 3);
  return [most - tail, tail];
}
