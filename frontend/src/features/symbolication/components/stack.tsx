// SPDX-License-Identifier: MPL-2.0

import { useDeferredValue, useMemo } from "react";

import { symbolication as texts } from "@/lib/texts/symbolication";

import type { Sources } from "../api/source-queries";
import type { Frame as FrameShape } from "../output/answer";
import type { Prefixes } from "../output/paths";
import { columnsOf } from "../output/stack-views";
import { Frame } from "./frame";
import classes from "./stack.module.css";

const MANY = 200; // frames: so many are there at once, and the others a moment later
const OPENER = 5; // characters: what opens the lines of a source, beside a place

interface Properties {
  frames: readonly FrameShape[];
  prefixes: Prefixes;
  wraps: boolean;
  /** The lines of the text that was given. */
  lines: readonly string[];
  sources: Sources;
}

/** The frames of a thread. All of them are in the page, to be searched, copied and printed. */
export function Stack({ frames, prefixes, wraps, lines, sources }: Properties) {
  const shown = useDeferredValue(frames, frames.slice(0, MANY));
  const columns = useMemo(() => columnsOf(frames, prefixes), [frames, prefixes]);
  const style = {
    "--number": columns.number,
    "--place": columns.place + (sources.size > 0 ? OPENER : 0),
    "--module": columns.module,
  } as React.CSSProperties;
  return (
    <div
      className={classes["scroller"]}
      {...(!wraps && { tabIndex: 0, role: "group", "aria-label": texts.scrolled })}
    >
      <ol
        className={classes["stack"]}
        style={style}
        data-wraps={wraps}
        data-many={frames.length > MANY}
      >
        {shown.map((frame, at) => (
          <Frame
            key={at}
            frame={frame}
            number={at}
            prefixes={prefixes}
            origin={frame.line === null ? "" : (lines[frame.line - 1] ?? "").trim()}
            isOfMany={frames.length > MANY}
            sources={sources.get(frame.module ?? "") ?? null}
          />
        ))}
      </ol>
    </div>
  );
}
