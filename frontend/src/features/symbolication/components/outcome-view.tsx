// SPDX-License-Identifier: MPL-2.0

import { Title } from "@/components/ui/layout";
import { symbolication as texts } from "@/lib/texts/symbolication";

import type { Outcome } from "../api/symbolicate";
import { summarize } from "../output/stack-views";
import { ModuleStrip } from "./module-strip";
import classes from "./page.module.css";
import { Stacks } from "./stacks";
import { Tools } from "./tools";
import { UnreadLines } from "./unread-lines";

interface Properties {
  outcome: Outcome;
  isOld: boolean;
  onModule: (debugFile: string, debugId: string) => void;
}

/** What the server answered: how much has names, modules, stacks, and what can be copied. */
export function OutcomeView({ outcome, isOld, onModule }: Properties) {
  const { answer, milliseconds } = outcome;
  return (
    <>
      {isOld && <p className={classes["quiet"]}>{texts.oldAnswer}</p>}
      <Tools outcome={outcome} />
      {answer.title !== null && (
        <Title order={2} size="h3" className={classes["crash"]}>
          {answer.title}
        </Title>
      )}
      <p role="status" className={classes["summary"]}>
        {summarize(answer)}
        {answer.format !== null && texts.format(answer.format)}
      </p>
      <UnreadLines lines={answer.unread} />
      {answer.modules.length > 0 && (
        <>
          <Title order={2}>{texts.modules}</Title>
          <ModuleStrip answer={answer} onModule={onModule} />
        </>
      )}
      {answer.frames > 0 && <Title order={2}>{texts.stacks}</Title>}
      <Stacks answer={answer} />
      <p className={classes["timings"]}>{texts.answeredIn(milliseconds)}</p>
    </>
  );
}
