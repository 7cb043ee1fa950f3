// SPDX-License-Identifier: MPL-2.0

import { useMemo, useState } from "react";

import { symbolication as texts } from "@/lib/texts/symbolication";

import type { Outcome } from "../api/symbolicate";
import type { Answer } from "../output/answer";
import { moduleStates, needsHelp } from "../output/modules";
import { namedByText, namedFrames } from "../output/stack-views";
import { FoundModules, MissingModules } from "./modules";
import classes from "./page.module.css";
import { Threads } from "./threads";
import { Tools } from "./tools";
import { UnreadLines } from "./unread-lines";

interface Properties {
  outcome: Outcome;
  isOld: boolean;
  onModule: (debugFile: string, debugId: string) => void;
}

/** What the server answered: what went wrong, how much has names and what to do about the rest, the stacks. */
export function OutcomeView({ outcome, isOld, onModule }: Properties) {
  const { answer, input, milliseconds } = outcome;
  const [wraps, setWraps] = useState(true);
  const modules = useMemo(() => moduleStates(answer), [answer]);
  return (
    <>
      {isOld && <p className={classes["quiet"]}>{texts.oldAnswer}</p>}
      <header className={classes["headline"]}>
        <h2 className={classes["crash"]}>{answer.title ?? texts.stacks}</h2>
        <p role="status" className={classes["summary"]}>
          {summaryOf(answer)}
        </p>
      </header>
      <MissingModules modules={modules.filter(needsHelp)} onModule={onModule} />
      <Tools outcome={outcome} wraps={wraps} onWraps={answer.frames > 0 ? setWraps : undefined} />
      <Threads answer={answer} input={input} wraps={wraps} />
      <UnreadLines lines={answer.unread} />
      <FoundModules modules={modules.filter((module) => !needsHelp(module))} />
      <p className={classes["timings"]}>
        {answer.format !== null && `${texts.format(answer.format)} `}
        {texts.answeredIn(milliseconds)}
      </p>
    </>
  );
}

/** Say in a line how it went: `14 of 16 frames named · libxul.so missing`. */
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
