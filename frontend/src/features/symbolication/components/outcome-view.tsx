// SPDX-License-Identifier: MPL-2.0

import { Title } from "@mantine/core";

import { symbolication as texts } from "@/lib/texts/symbolication";

import type { Outcome } from "../api/symbolicate";
import { ModuleStrip } from "./module-strip";
import classes from "./page.module.css";
import { Stacks } from "./stacks";
import { Tools } from "./tools";

/** What the server answered: modules, stacks, what can be copied, and how long it took. */
export function OutcomeView({ outcome, isOld }: { outcome: Outcome; isOld: boolean }) {
  const { timings, milliseconds } = outcome;
  return (
    <>
      {isOld && <p className={classes["quiet"]}>{texts.oldAnswer}</p>}
      <Tools outcome={outcome} />
      <Title order={2}>{texts.modules}</Title>
      <ModuleStrip answer={outcome.answer} />
      <Title order={2}>{texts.stacks}</Title>
      <Stacks outcome={outcome} />
      <p className={classes["timings"]}>
        {texts.answeredIn(milliseconds)}
        {timings.length > 0 && texts.timings(timings)}
      </p>
    </>
  );
}
