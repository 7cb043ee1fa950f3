// SPDX-License-Identifier: MPL-2.0

import { useState } from "react";

import { Button } from "@/components/ui/button";
import { Title } from "@/components/ui/layout";
import { symbolication as texts } from "@/lib/texts/symbolication";

import type { Answer } from "../output/answer";
import { limitFrames, stackViews } from "../output/stack-views";
import { StackFrame } from "./stack-frame";
import classes from "./stack.module.css";

const FRAMES_AT_ONCE = 500; // more of them at once would keep the page from answering

/** All stacks of an answer, so many frames at first. */
export function Stacks({ answer }: { answer: Answer }) {
  const [limit, setLimit] = useState(FRAMES_AT_ONCE);
  const { shown, left } = limitFrames(stackViews(answer), limit);
  return (
    <>
      {shown.map(({ key, title, frames }) => (
        <section key={key} aria-label={title ?? texts.stack}>
          {title !== null && (
            <Title order={3} size="h5" className={classes["title"]}>
              {title}
            </Title>
          )}
          <ol className={classes["stack"]}>
            {frames.map((frame, at) => (
              <StackFrame key={at} frame={frame} number={at} />
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
