// SPDX-License-Identifier: MPL-2.0

import { type ClipboardEvent, useDeferredValue, useLayoutEffect, useMemo } from "react";

import { symbolication as texts } from "@/lib/texts/symbolication";

import type { Sources } from "../api/source-queries";
import type { Frame as FrameShape } from "../output/answer";
import { frameText } from "../output/frame-text";
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
  useLayoutEffect(() => {
    if (frames.length > MANY) leaveNothingSelected();
  }, [frames]);
  const originOf = ({ line }: FrameShape) => (line === null ? "" : (lines[line - 1] ?? "").trim());

  /** Copy several frames that were selected as they are, not as they are shortened here. */
  function copySelected(event: ClipboardEvent<HTMLOListElement>) {
    const selected = window.getSelection();
    if (selected === null) return;
    const texts = [...event.currentTarget.children].flatMap((item, at) => {
      const frame = selected.containsNode(item, true) ? frames[at] : undefined;
      return frame === undefined ? [] : [frameText(frame, at, originOf(frame))];
    });
    if (texts.length < 2) return;
    event.clipboardData.setData("text/plain", `${texts.join("\n")}\n`);
    event.preventDefault();
  }

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
        onCopy={copySelected}
      >
        {shown.map((frame, at) => (
          <Frame
            key={at}
            frame={frame}
            number={at}
            prefixes={prefixes}
            origin={originOf(frame)}
            isOfMany={frames.length > MANY}
            sources={sources.get(frame.module ?? "") ?? null}
          />
        ))}
      </ol>
    </div>
  );
}

/**
 * For each frame that Chromium may leave out, it looks through the text up to the caret, even where a field
 * keeps one without the focus: behind thousands of lines, that took longer than to draw thousands of frames.
 */
function leaveNothingSelected() {
  if (document.activeElement instanceof HTMLTextAreaElement) return; // somebody writes there
  window.getSelection()?.removeAllRanges();
}
