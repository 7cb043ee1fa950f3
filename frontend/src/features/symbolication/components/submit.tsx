// SPDX-License-Identifier: MPL-2.0

import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { symbolication as texts } from "@/lib/texts/symbolication";

import classes from "./page.module.css";

interface Properties {
  isEmpty: boolean;
  isAsking: boolean;
  guess: boolean;
  onGuess: (guess: boolean) => void;
  onSubmit: () => void;
}

/** The button that asks, and whether ids are guessed from names. */
export function Submit({ isEmpty, isAsking, guess, onGuess, onSubmit }: Properties) {
  return (
    <div className={classes["submit"]}>
      <Checkbox
        label={texts.guess}
        checked={guess}
        onChange={(event) => onGuess(event.currentTarget.checked)}
      />
      <Button onClick={onSubmit} disabled={isEmpty} loading={isAsking}>
        {texts.submit}
      </Button>
    </div>
  );
}
