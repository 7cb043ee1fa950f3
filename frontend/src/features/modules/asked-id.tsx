// SPDX-License-Identifier: MPL-2.0

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { ErrorMessage } from "@/components/error-message";
import { Mono } from "@/components/mono";
import { Size } from "@/components/size";
import { Status } from "@/components/status";
import { Skeleton } from "@/components/ui/skeleton";
import type { FoundAnswer } from "@/lib/api/schema";
import { nearQuery, symbolFileQuery } from "@/lib/api/symbol-queries";
import { useAuth } from "@/lib/auth/use-auth";
import { shortenedInTheMiddle } from "@/lib/format/middle";
import { paths } from "@/lib/paths";
import { lookup } from "@/lib/texts/lookup";

import classes from "./module.module.css";

const words = lookup.module;

interface Properties {
  debugFile: string;
  debugId: string;
}

/** Whether the symbol file of an id is here: where, or what can be done about it. */
export function AskedId({ debugFile, debugId, children }: Properties & { children: ReactNode }) {
  const regular = useQuery(symbolFileQuery(debugFile, debugId, false));
  const isElsewhere = regular.data?.found === false; // among try symbols, perhaps
  const tried = useQuery({ ...symbolFileQuery(debugFile, debugId, true), enabled: isElsewhere });
  const { data, error, refetch } = isElsewhere ? tried : regular;
  const { person } = useAuth();
  const isMissing = data?.found === false && (data.pending ?? null) === null;
  const near = useQuery({
    ...nearQuery(debugFile, debugId),
    enabled: person !== null && isMissing,
  });
  const isKnown = error !== null || (data !== undefined && !near.isLoading);
  return (
    <>
      <section aria-label={words.asked} className={classes["asked"]}>
        {error !== null && <ErrorMessage error={error} onRetry={() => void refetch()} />}
        {!isKnown && <Skeleton height={88} />}
        {isKnown && data !== undefined && (
          <Answer answer={data}>
            {isMissing && (
              <Missing debugFile={debugFile} debugId={debugId} near={near.data?.debug_ids ?? []} />
            )}
          </Answer>
        )}
      </section>
      {/* What stands below is loaded meanwhile, and shown once it does not move any more. */}
      <div hidden={!isKnown}>{children}</div>
    </>
  );
}

function Answer({ answer, children }: { answer: FoundAnswer; children: ReactNode }) {
  const { found, source, size, url, pending = null } = answer;
  return (
    <>
      <p className={classes["facts"]}>
        <Status name={found ? "found" : pending === null ? "missing" : "pending"} />
        {source !== null && <span>{words.inSource(source)}</span>}
        {size !== null && <Size bytes={size} />}
        {url !== null && <a href={url}>{words.download}</a>}
      </p>
      <p className={classes["key"]}>
        <Mono text={answer.symbol_key} label={words.key} />
      </p>
      {pending !== null && <p>{pending}</p>}
      {children}
    </>
  );
}

function Missing({ debugFile, debugId, near }: Properties & { near: string[] }) {
  return (
    <>
      <p>{words.notHere}</p>
      <p className={classes["ways"]}>
        <Link to={paths.newUpload}>{words.uploadIts}</Link>
        <Link to={`${paths.missing}?${new URLSearchParams({ debugid: debugId }).toString()}`}>
          {words.wanted}
        </Link>
      </p>
      {near.length > 0 && (
        <p className={classes["ways"]}>
          <span>{words.like}</span>
          {near.map((id) => (
            <Link key={id} className={classes["mono"]} title={id} to={paths.module(debugFile, id)}>
              {shortenedInTheMiddle(id, 12, 9)}
            </Link>
          ))}
        </p>
      )}
    </>
  );
}
