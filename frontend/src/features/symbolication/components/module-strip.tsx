// SPDX-License-Identifier: MPL-2.0

import { symbolication as texts } from "@/lib/texts/symbolication";

import type { Answer } from "../output/answer";
import { moduleStates } from "../output/modules";
import { FoundModule } from "./found-module";
import { MissingModule } from "./missing-module";
import classes from "./module-strip.module.css";

const NEAR_ASKED = 10; // modules whose other ids are looked up without being asked

interface Properties {
  answer: Answer;
  onModule: (debugFile: string, debugId: string) => void;
}

/** The modules of an answer: those without symbols with the ids that there are, and found ones. */
export function ModuleStrip({ answer, onModule }: Properties) {
  return (
    <section aria-label={texts.modules}>
      <ul className={classes["strip"]}>
        {moduleStates(answer).map((module, at) =>
          module.state === "found" && !module.assumed ? (
            <FoundModule key={module.key} module={module} />
          ) : (
            <MissingModule
              key={module.key}
              module={module}
              isAmongFirst={at < NEAR_ASKED}
              onModule={onModule}
            />
          ),
        )}
      </ul>
    </section>
  );
}
