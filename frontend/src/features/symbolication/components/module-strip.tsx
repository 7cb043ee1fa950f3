// SPDX-License-Identifier: MPL-2.0

import { symbolication as texts } from "@/lib/texts/symbolication";

import { moduleStates, type ModuleState } from "../output/modules";
import type { Answer } from "../output/answer";
import { FoundModule } from "./found-module";
import { MissingModule } from "./missing-module";
import classes from "./module-strip.module.css";

/** The modules of an answer: missing ones with the reason, found ones, and those not needed. */
export function ModuleStrip({ answer }: { answer: Answer }) {
  const modules = moduleStates(answer);
  const ofState = (state: ModuleState["state"]) => modules.filter((m) => m.state === state);
  const notNeeded = ofState("not-needed");
  return (
    <section aria-label={texts.modules}>
      <ul className={classes["strip"]}>
        {ofState("missing").map((module, at) => (
          <MissingModule key={module.key} module={module} isAmongFirst={at < NEAR_ASKED} />
        ))}
        {ofState("found").map((module) => (
          <FoundModule key={module.key} module={module} />
        ))}
      </ul>
      {notNeeded.length > 0 && (
        <details className={classes["rest"]}>
          <summary>{texts.notNeeded(notNeeded.length)}</summary>
          <ul>
            {notNeeded.map((module) => (
              <li key={module.key}>{module.key}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

const NEAR_ASKED = 10; // modules whose near misses are looked up without being asked
