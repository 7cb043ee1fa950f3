// SPDX-License-Identifier: MPL-2.0

import { Button } from "@mantine/core";

import { symbolication as texts } from "@/lib/texts/symbolication";

import { describeProblem, summarize } from "../input/summary";
import type { Understood } from "../input/understood";
import classes from "./page.module.css";

interface Properties {
  understood: Understood;
  isAsking: boolean;
  onSubmit: () => void;
}

/** What was understood of the input, which of its lines were not, and the button that asks. */
export function Submit({ understood, isAsking, onSubmit }: Properties) {
  const { form, request, problems, otherLines } = understood;
  return (
    <>
      <div className={classes["understood"]} role="status">
        <p>{form === "nothing" ? texts.nothingYet : summarize(understood)}</p>
        {problems.length > 0 && (
          <ul>
            {problems.slice(0, MOST_PROBLEMS).map((problem) => (
              <li key={problem.reason}>{describeProblem(problem)}</li>
            ))}
            {problems.length > MOST_PROBLEMS && (
              <li>{texts.moreProblems(problems.length - MOST_PROBLEMS)}</li>
            )}
          </ul>
        )}
        {hint(understood)}
        {otherLines > 0 && <p className={classes["quiet"]}>{texts.otherLines(otherLines)}</p>}
      </div>
      <Button onClick={onSubmit} disabled={request === null} loading={isAsking}>
        {texts.submit}
      </Button>
    </>
  );
}

const MOST_PROBLEMS = 8;

/** Say what is missing where there is nothing to ask for yet. */
function hint({ form, request, counts }: Understood) {
  if (request !== null || form === "nothing" || form === "request") return null;
  if (form === "crash") return <p className={classes["quiet"]}>{texts.addModules}</p>;
  return counts.modules > 0 ? <p className={classes["quiet"]}>{texts.addOffsets}</p> : null;
}
