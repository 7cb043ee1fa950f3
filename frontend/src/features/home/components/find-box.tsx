// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import { Button, Checkbox, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { useSearchParams } from "react-router";

import { ErrorMessage } from "@/components/error-message";
import { asApiError } from "@/lib/api/errors";
import { home } from "@/lib/texts/home";

import { findQuery } from "../api/find-symbol";
import { FindResult } from "./find-result";
import classes from "./home.module.css";

const words = home.find;

/** Looks up one file. What was asked is in the page's address, so that it can be passed on. */
export function FindBox() {
  const [parameters, setParameters] = useSearchParams();
  const asked = parameters.get("find") ?? "";
  const withTry = parameters.get("try") === "true";

  function ask(key: string, isTry: boolean) {
    const next: Record<string, string> = key === "" ? {} : { find: key };
    setParameters(isTry ? { ...next, try: "true" } : next, { preventScrollReset: true });
  }

  return <Box key={`${asked} ${String(withTry)}`} asked={asked} withTry={withTry} onAsk={ask} />;
}

interface BoxProperties {
  asked: string;
  withTry: boolean;
  onAsk: (key: string, withTry: boolean) => void;
}

function Box({ asked, withTry, onAsk }: BoxProperties) {
  const [typed, setTyped] = useState(asked);
  const [isTry, setIsTry] = useState(withTry);
  const found = useQuery({ ...findQuery(asked, withTry), enabled: asked !== "" });
  const refused = found.error === null ? undefined : asApiError(found.error).fields["key"];

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    if (typed.trim() === asked && isTry === withTry) void found.refetch();
    else onAsk(typed.trim(), isTry);
  }

  return (
    <section className={classes["find"]}>
      <form role="search" onSubmit={submit}>
        <TextInput
          classNames={{ input: classes["key"] ?? "" }}
          size="md"
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
        <div className={classes["findLine"]}>
          <Checkbox
            label={words.withTry}
            checked={isTry}
            onChange={(event) => {
              setIsTry(event.currentTarget.checked);
            }}
          />
          <Button type="submit" loading={found.isFetching}>
            {words.button}
          </Button>
        </div>
      </form>
      <div aria-live="polite" className={classes["findResult"]}>
        {found.data !== undefined && !found.isError && (
          <FindResult
            answer={found.data}
            onAsk={(key) => {
              onAsk(key, withTry);
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
    </section>
  );
}
