// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { Mono } from "@/components/mono";
import { Size } from "@/components/size";
import { Status } from "@/components/status";
import { api, orThrow } from "@/lib/api/client";
import type { FoundAnswer } from "@/lib/api/schema";
import { useAuth } from "@/lib/auth/use-auth";
import { downloads } from "@/lib/texts/downloads";

import classes from "./downloads.module.css";

const words = downloads.downloads;

/** Where a file is, or that it is not, and then which other ids of its name are here. */
export function FoundSymbol({ answer }: { answer: FoundAnswer }) {
  const { symbol_key, source, size, url } = answer;
  if (url === null)
    return (
      <>
        <p>
          <Status name="missing" /> {words.missingHere}
        </p>
        <NearModules symbolKey={symbol_key} />
      </>
    );
  return (
    <p>
      <Status name="found" /> {words.inSource(source ?? "")}
      {size !== null && (
        <>
          {", "}
          <Size bytes={size} />
        </>
      )}
      {": "}
      <Anchor href={url} underline="always">
        {symbol_key}
      </Anchor>
    </p>
  );
}

function NearModules({ symbolKey }: { symbolKey: string }) {
  const { person } = useAuth();
  const [debugFile = "", debugId = ""] = symbolKey.split("/");
  const { data } = useQuery({
    queryKey: ["near-modules", debugFile, debugId],
    queryFn: ({ signal }) =>
      orThrow(
        api.GET("/api/near/", {
          params: { query: { debug_file: debugFile, debug_id: debugId } },
          signal,
        }),
      ),
    enabled: person !== null,
  });
  if (data === undefined || data.debug_ids.length === 0) return null;
  return (
    <>
      <p>{words.otherIds(debugFile)}</p>
      <ul className={classes["ids"]}>
        {data.debug_ids.map((id) => (
          <li key={id}>
            <Mono text={id} label={words.debugId} />
          </li>
        ))}
      </ul>
    </>
  );
}
