// SPDX-License-Identifier: MPL-2.0

import { useMemo, useState } from "react";

import { symbolication as texts } from "@/lib/texts/symbolication";

import type { Outcome } from "../api/symbolicate";
import { moduleStates, needsHelp } from "../output/modules";
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

/** What the server answered: what to do about frames without names, and the stacks. */
export function OutcomeView({ outcome, isOld, onModule }: Properties) {
  const { answer, input, milliseconds } = outcome;
  const [wraps, setWraps] = useState(true);
  const modules = useMemo(() => moduleStates(answer), [answer]);
  return (
    <>
      {isOld && <p className={classes["quiet"]}>{texts.oldAnswer}</p>}
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
