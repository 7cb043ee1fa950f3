// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import { Button, Checkbox, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { useSearchParams } from "react-router";

import { api, orThrow } from "@/lib/api/client";
import { asApiError } from "@/lib/api/errors";
import { downloads } from "@/lib/texts/downloads";

import { FoundSymbol } from "./found-symbol";
import classes from "./downloads.module.css";

const words = downloads.downloads;

/** A box for a symbol key or a URL that tells whether the file is here; the question is in the URL. */
export function FindSymbol() {
  const [parameters, setParameters] = useSearchParams();
  const asked = parameters.get("key") ?? "";
  const withTry = parameters.has("try");
  const [key, setKey] = useState(asked);
  const [isTry, setIsTry] = useState(withTry);
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["find", asked, withTry],
    queryFn: ({ signal }) =>
      orThrow(
        api.GET("/api/find/", { params: { query: { key: asked, with_try: withTry } }, signal }),
      ),
    enabled: asked !== "",
  });

  function submit(event: SyntheticEvent) {
    event.preventDefault();
    const text = key.trim();
    if (text === asked && isTry === withTry) void refetch();
    else setParameters(text === "" ? {} : { key: text, ...(isTry && { try: "1" }) });
  }

  const problem = error === null ? null : asApiError(error);
  return (
    <form onSubmit={submit} className={classes["find"]}>
      <TextInput
        label={words.key}
        description={words.keyHint}
        placeholder="xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2/xul.sym"
        value={key}
        error={problem && (problem.fields["key"]?.join(", ") ?? problem.message)}
        spellCheck={false}
        autoComplete="off"
        data-page-filter
        onChange={(event) => {
          setKey(event.currentTarget.value);
        }}
      />
      <div className={classes["asking"]}>
        <Button type="submit" loading={isFetching}>
          {words.look}
        </Button>
        <Checkbox
          label={words.withTry}
          checked={isTry}
          onChange={(event) => {
            setIsTry(event.currentTarget.checked);
          }}
        />
      </div>
      <div role="status" className={classes["found"]}>
        {data !== undefined && error === null && <FoundSymbol answer={data} />}
      </div>
    </form>
  );
}
