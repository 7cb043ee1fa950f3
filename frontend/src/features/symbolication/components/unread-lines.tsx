// SPDX-License-Identifier: MPL-2.0

import { symbolication as texts } from "@/lib/texts/symbolication";

import type { Unread } from "../output/answer";
import classes from "./page.module.css";

const MOST_LINES = 8;

/** The lines that begin like a frame and could not be read, and why. */
export function UnreadLines({ lines }: { lines: readonly Unread[] }) {
  if (lines.length === 0) return null;
  return (
    <section aria-label={texts.unread} className={classes["unread"]}>
      <p>{texts.unreadLines(lines.length)}</p>
      <ul>
        {lines.slice(0, MOST_LINES).map(({ line, reason }) => (
          <li key={line}>{texts.unreadLine(line, reason)}</li>
        ))}
        {lines.length > MOST_LINES && <li>{texts.moreLines(lines.length - MOST_LINES)}</li>}
      </ul>
    </section>
  );
}
