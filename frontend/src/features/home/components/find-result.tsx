// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { Mono } from "@/components/mono";
import { Status } from "@/components/status";
import type { FoundAnswer } from "@/lib/api/schema";
import { useAuth } from "@/lib/auth/use-auth";
import { shortenedInTheMiddle } from "@/lib/format/middle";
import { paths } from "@/lib/paths";
import { home } from "@/lib/texts/home";

import { nearQuery } from "../api/find-symbol";
import classes from "./home.module.css";

const words = home.find;

interface Properties {
  answer: FoundAnswer;
  /** Look up another key. */
  onAsk: (key: string) => void;
}

/** Found, with its source and its link, or missing, with what is like it. */
export function FindResult({ answer, onAsk }: Properties) {
  const { found, source, symbol_key: key, url } = answer;
  return (
    <>
      <p>
        <Status name={found ? "found" : "missing"} /> {source !== null && words.inSource(source)}
      </p>
      <p>
        <Mono text={key} label={words.key} />
      </p>
      {url !== null && (
        <p>
          <a className={classes["download"]} href={url}>
            {words.download}
          </a>
        </p>
      )}
      {!found && <Missing symbolKey={key} onAsk={onAsk} />}
    </>
  );
}

function Missing({ symbolKey, onAsk }: { symbolKey: string; onAsk: (key: string) => void }) {
  const { person } = useAuth();
  const [debugFile = "", debugId = "", symbolFile = ""] = symbolKey.split("/");
  return (
    <>
      <p>{words.missing}</p>
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
      <p>{words.near(debugFile)}</p>
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
