// SPDX-License-Identifier: MPL-2.0

import { ErrorMessage } from "@/components/error-message";
import { NeedReader } from "@/components/need";
import { PageHeader } from "@/components/page-header";
import { symbolication as texts } from "@/lib/texts/symbolication";

import { Accepted } from "./components/accepted";
import { Headline } from "./components/headline";
import { InputField } from "./components/input-field";
import { OutcomeView } from "./components/outcome-view";
import classes from "./components/page.module.css";
import { Submit } from "./components/submit";
import { useStacks } from "./use-stacks";

/** Paste a stack in any form, and read it with functions, files and lines. */
export function Component() {
  return (
    <NeedReader>
      <Page />
    </NeedReader>
  );
}

function Page() {
  const stacks = useStacks();
  return (
    <>
      <PageHeader title={texts.title}>{texts.about}</PageHeader>
      <div className={classes["columns"]} data-answered={stacks.outcome !== undefined}>
        <section aria-label={texts.input} className={classes["asking"]}>
          <InputField
            input={stacks.input}
            dump={stacks.dump}
            onChange={stacks.setInput}
            onDump={stacks.askDump}
            onSubmit={stacks.submit}
          />
          <Submit
            isEmpty={stacks.isEmpty}
            isAsking={stacks.isAsking}
            guess={stacks.guess}
            onGuess={stacks.setGuess}
            onSubmit={stacks.submit}
          />
        </section>
        <section
          aria-label={texts.result}
          aria-busy={stacks.isAsking}
          className={classes["answer"]}
        >
          {stacks.trouble !== null && (
            <ErrorMessage error={stacks.trouble} title={texts.noAnswer} onRetry={stacks.submit} />
          )}
          <Headline answer={stacks.outcome?.answer} />
          {stacks.outcome === undefined ? (
            stacks.trouble === null && <Accepted />
          ) : (
            <OutcomeView
              key={stacks.outcome.askedAt}
              outcome={stacks.outcome}
              isOld={stacks.isOld}
              onModule={stacks.addModule}
            />
          )}
        </section>
      </div>
    </>
  );
}
