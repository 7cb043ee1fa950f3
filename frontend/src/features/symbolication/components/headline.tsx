// SPDX-License-Identifier: MPL-2.0

import { symbolication as texts } from "@/lib/texts/symbolication";

import type { Answer } from "../output/answer";
import { moduleStates } from "../output/modules";
import { namedByText, namedFrames } from "../output/stack-views";
import classes from "./page.module.css";

/**
 * What went wrong, and in a line how much of it has names: `14 of 16 frames named · libxul.so missing`.
 *
 * It is there before there is an answer, so that who listens to the page hears of each.
 */
export function Headline({ answer }: { answer: Answer | undefined }) {
  return (
    <header className={classes["headline"]}>
      {answer !== undefined && <h2 className={classes["crash"]}>{answer.title ?? texts.stacks}</h2>}
      <p role="status" className={classes["summary"]}>
        {answer === undefined ? "" : summaryOf(answer)}
      </p>
    </header>
  );
}

function summaryOf(answer: Answer): string {
  const without = moduleStates(answer).filter((module) => module.state !== "found");
  const pending = without.filter((module) => module.state === "pending");
  const missing = without.filter((module) => module.state !== "pending");
  return [
    namedFrames(answer),
    namedByText(answer),
    missing.length > 0 ? texts.missing(missing.map((module) => module.debugFile)) : null,
    pending.length > 0 ? texts.pending(pending.map((module) => module.debugFile)) : null,
  ]
    .filter((text) => text !== null)
    .join(" · ");
}
