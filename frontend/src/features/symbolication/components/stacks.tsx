// SPDX-License-Identifier: MPL-2.0

import { Button, Title } from "@mantine/core";
import { useState } from "react";

import { symbolication as texts } from "@/lib/texts/symbolication";

import { limitFrames, stackViews } from "../output/stack-views";
import type { Outcome } from "../api/symbolicate";
import { StackFrame } from "./stack-frame";
import classes from "./stack.module.css";

const FRAMES_AT_ONCE = 500; // more of them at once would keep the page from answering

/** All stacks of an answer, so many frames at first. */
export function Stacks({ outcome }: { outcome: Outcome }) {
  const [limit, setLimit] = useState(FRAMES_AT_ONCE);
  const { shown, left } = limitFrames(stackViews(outcome.answer, outcome.stacks), limit);
  return (
    <>
      {shown.map(({ key, title, frames, numbers }) => (
        <section key={key} aria-label={title ?? texts.stack}>
          {title !== null && (
            <Title order={3} size="h5" className={classes["title"]}>
              {title}
            </Title>
          )}
          {frames.length === 0 && <p className={classes["quiet"]}>{texts.emptyStack}</p>}
          <ol className={classes["stack"]}>
            {frames.map((frame, at) => (
              <StackFrame key={frame.frame} frame={frame} number={numbers[at] ?? frame.frame} />
            ))}
          </ol>
        </section>
      ))}
      {left > 0 && (
        <Button
          variant="default"
          onClick={() => {
            setLimit(limit + FRAMES_AT_ONCE);
          }}
        >
          {texts.showMore(Math.min(left, FRAMES_AT_ONCE), left)}
        </Button>
      )}
    </>
  );
}
