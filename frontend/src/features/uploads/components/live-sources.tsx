// SPDX-License-Identifier: MPL-2.0

import { useQuery } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";

import { ErrorMessage } from "@/components/error-message";
import { Mono } from "@/components/mono";
import { Size } from "@/components/size";
import { Status } from "@/components/status";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { Title } from "@/components/ui/layout";
import type { FileDetail, SourceState } from "@/lib/api/schema";
import { uploads } from "@/lib/texts/uploads";

import { sourcesQuery } from "../api/uploads";
import classes from "./live-sources.module.css";

const words = uploads.file;

/** What each source says of the file's key at this moment. */
export function LiveSources({ file }: { file: FileDetail }) {
  const { data: sources, error, isFetching, refetch } = useQuery(sourcesQuery(file.id));
  const isTry = file.upload?.try_symbols === true;
  return (
    <section className={classes["live"]} aria-busy={isFetching}>
      <div className={classes["line"]}>
        <Title order={2}>{words.live}</Title>
        <Button
          variant="default"
          size="compact-md"
          leftSection={<RefreshCw size={14} />}
          loading={isFetching}
          onClick={() => void refetch()}
        >
          {words.checkAgain}
        </Button>
      </div>
      <p className={classes["note"]}>{words.liveNote}</p>
      {error !== null && <ErrorMessage error={error} />}
      <ul className={classes["sources"]}>
        {sources?.map((source) => (
          <Source key={source.name} source={source} isExpected={source.try_symbols === isTry} />
        ))}
      </ul>
    </section>
  );
}

interface SourceProperties {
  source: SourceState;
  /** Whether the file belongs there: symbols of try builds have sources of their own. */
  isExpected: boolean;
}

function Source({ source, isExpected }: SourceProperties) {
  const { found, error, size, etag, last_modified: modified } = source;
  const name = found === null ? "unknown" : found ? "found" : "missing";
  return (
    <li>
      <strong>{source.bucket_name}</strong>
      {source.try_symbols && <Status name="try" />}
      {name === "missing" && !isExpected ? (
        <Status name="ignored" text={words.notThere} />
      ) : (
        <Status name={name} />
      )}
      {error !== null && <span>{error}</span>}
      {size !== null && <Size bytes={size} />}
      {modified !== null && (
        <span>
          {words.modified} <Time value={modified} />
        </span>
      )}
      {etag !== null && (
        <span>
          {words.etag} <Mono text={etag} label={words.etag} short />
        </span>
      )}
    </li>
  );
}
