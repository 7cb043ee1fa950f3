// SPDX-License-Identifier: MPL-2.0

import { useQuery } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { useSearchParams } from "react-router";

import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { TextInput } from "@/components/ui/text-input";
import { asApiError } from "@/lib/api/errors";
import { findQuery } from "@/lib/api/symbol-queries";
import { find as words } from "@/lib/texts/find";

import { ErrorMessage } from "../error-message";
import { FindResult } from "./find-result";
import classes from "./find-symbol.module.css";

/** Tells whether one file is here. What was asked is in the page's address, to be passed on. */
export function FindSymbol() {
  const { asked, withTry, ask } = useQuestion();
  const [typed, setTyped] = useState(asked);
  const [isTry, setIsTry] = useState(withTry);
  const [last, setLast] = useState({ asked, withTry });
  if (last.asked !== asked || last.withTry !== withTry) {
    setLast({ asked, withTry }); // the address has changed, by going back, say
    setTyped(asked);
    setIsTry(withTry);
  }
  const found = useQuery({ ...findQuery(asked, withTry), enabled: asked !== "" });
  const refused = found.error === null ? undefined : asApiError(found.error).fields["key"];

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const key = typed.trim();
    if (key === asked && isTry === withTry) void found.refetch();
    else ask(key, isTry);
  }

  return (
    <div className={classes["box"]}>
      <form role="search" aria-label={words.label} onSubmit={submit}>
        <TextInput
          classNames={{ input: classes["key"] ?? "" }}
          label={words.label}
          description={words.description}
          placeholder={words.placeholder}
          error={refused?.join(", ")}
          value={typed}
          autoComplete="off"
          spellCheck={false}
          data-page-filter
          onChange={(event) => {
            setTyped(event.currentTarget.value);
          }}
        />
        <div className={classes["asking"]}>
          <Button type="submit" loading={found.isFetching}>
            {words.button}
          </Button>
          <Checkbox
            label={words.withTry}
            checked={isTry}
            onChange={(event) => {
              setIsTry(event.currentTarget.checked);
            }}
          />
        </div>
      </form>
      <div role="status" className={classes["result"]} data-asked={asked !== ""}>
        {found.data !== undefined && !found.isError && (
          <FindResult
            answer={found.data}
            onAsk={(key) => {
              ask(key, withTry);
            }}
          />
        )}
        {found.error !== null && refused === undefined && (
          <ErrorMessage
            error={found.error}
            title={words.failed}
            onRetry={() => void found.refetch()}
          />
        )}
      </div>
    </div>
  );
}

/** What is asked, from the page's address; other parameters in it are left out of the next. */
function useQuestion() {
  const [parameters, setParameters] = useSearchParams();
  return {
    asked: parameters.get("find") ?? "",
    withTry: parameters.has("try"),
    ask: (key: string, withTry: boolean) => {
      setParameters(key === "" ? {} : { find: key, ...(withTry && { try: "true" }) }, {
        preventScrollReset: true,
      });
    },
  };
}
