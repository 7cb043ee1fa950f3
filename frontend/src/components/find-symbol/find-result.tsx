// SPDX-License-Identifier: MPL-2.0

import { useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "react-router";

import { Anchor } from "@/components/ui/anchor";
import type { FoundAnswer } from "@/lib/api/schema";
import { nearQuery } from "@/lib/api/symbol-queries";
import { signInUrlFor, useAuth } from "@/lib/auth/use-auth";
import { shortenedInTheMiddle } from "@/lib/format/middle";
import { paths } from "@/lib/paths";
import { find as words } from "@/lib/texts/find";

import { Mono } from "../mono";
import { Size } from "../size";
import { Status } from "../status";
import classes from "./find-symbol.module.css";

interface Properties {
  answer: FoundAnswer;
  /** Look up another key. */
  onAsk: (key: string) => void;
}

/** Found, with its source and its link, or missing, with what is like it. */
export function FindResult({ answer, onAsk }: Properties) {
  const { found, source, symbol_key: key, size, url } = answer;
  const pending = answer.pending ?? null;
  return (
    <>
      <p>
        <Status name={found ? "found" : pending === null ? "missing" : "pending"} />{" "}
        {source !== null && words.inSource(source)}
        {size !== null && (
          <>
            {", "}
            <Size bytes={size} />
          </>
        )}
      </p>
      <p>
        <Mono text={key} label={words.key} />
      </p>
      {url !== null && (
        <p>
          <Anchor href={url} underline="always">
            {words.download}
          </Anchor>
        </p>
      )}
      {pending !== null && <p>{pending}</p>}
      {!found && pending === null && <Missing symbolKey={key} onAsk={onAsk} />}
    </>
  );
}

function Missing({ symbolKey, onAsk }: { symbolKey: string; onAsk: (key: string) => void }) {
  const { person, signInUrl } = useAuth();
  const { pathname, search } = useLocation();
  const [debugFile = "", debugId = "", symbolFile = ""] = symbolKey.split("/");
  return (
    <>
      <p>{words.missing}</p>
      {person === null && signInUrl !== null && (
        <p>
          <Anchor href={signInUrlFor(signInUrl, pathname + search)} underline="always">
            {words.signIn}
          </Anchor>{" "}
          {words.toSeeNear(debugFile)}
        </p>
      )}
      {person !== null && (
        <Near
          debugFile={debugFile}
          debugId={debugId}
          onAsk={(id) => {
            onAsk([debugFile, id, symbolFile].join("/"));
          }}
        />
      )}
      <p>
        <Anchor
          component={Link}
          to={`${paths.missing}?${new URLSearchParams({ debugid: debugId }).toString()}`}
        >
          {words.wanted}
        </Anchor>
      </p>
    </>
  );
}

interface NearProperties {
  debugFile: string;
  debugId: string;
  onAsk: (debugId: string) => void;
}

function Near({ debugFile, debugId, onAsk }: NearProperties) {
  const { data } = useQuery(nearQuery(debugFile, debugId));
  if (data === undefined) return null;
  if (data.debug_ids.length === 0) return <p>{words.noneNear(debugFile)}</p>;
  return (
    <>
      <p>{words.near(debugFile, data.debug_ids.length, data.total)}</p>
      <ul className={classes["near"]}>
        {data.debug_ids.map((id) => (
          <li key={id}>
            <Anchor
              component="button"
              type="button"
              ff="monospace"
              title={id}
              onClick={() => {
                onAsk(id);
              }}
            >
              {shortenedInTheMiddle(id, 12, 9)}
            </Anchor>
          </li>
        ))}
      </ul>
    </>
  );
}
