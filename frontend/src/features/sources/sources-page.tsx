// SPDX-License-Identifier: MPL-2.0

import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";

import { ErrorMessage } from "@/components/error-message";
import { type Fact, Facts } from "@/components/facts";
import { Mono } from "@/components/mono";
import { Need } from "@/components/need";
import { PageHeader } from "@/components/page-header";
import { Size } from "@/components/size";
import { Status } from "@/components/status";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { Title } from "@/components/ui/layout";
import { Skeleton } from "@/components/ui/skeleton";
import { api, orThrow } from "@/lib/api/client";
import { healthQuery } from "@/lib/api/health-query";
import type { SourceRow, SourcesList } from "@/lib/api/schema";
import { grouped, humanSize } from "@/lib/format/size";
import { sources as words } from "@/lib/texts/sources";

import classes from "./sources.module.css";

const STATUSES = { ok: "works", warning: "fails", error: "fails" } as const;

const sourcesQuery = queryOptions({
  queryKey: ["sources"],
  queryFn: ({ signal }) => orThrow(api.GET("/api/_sources/", { signal })),
});

/** Where symbols come from, and how each source is. */
export function Component() {
  return (
    <Need superuser>
      <SourcesPage />
    </Need>
  );
}

function SourcesPage() {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(sourcesQuery);
  return (
    <>
      <PageHeader
        title={words.title}
        action={
          <Button
            variant="default"
            onClick={() => {
              void refetch();
              void client.invalidateQueries({ queryKey: healthQuery.queryKey });
            }}
          >
            {words.refresh}
          </Button>
        }
      >
        {words.about}
      </PageHeader>
      {error !== null && <ErrorMessage error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton height={320} />}
      <ol className={classes["sources"]}>
        {data?.sources.map((source, at) => (
          <li key={source.name}>
            <Source source={source} number={at + 1} />
          </li>
        ))}
      </ol>
      {data !== undefined && <Kept list={data} />}
    </>
  );
}

function Source({ source, number }: { source: SourceRow; number: number }) {
  const { outcomes, last_failure: failure } = source;
  const told: (string | false)[] = [
    words.kinds[source.kind],
    source.layout !== "" && words.layout(source.layout),
    source.public && words.public,
    source.try_symbols && words.try,
  ];
  const facts: Fact[] = [
    [words.state, <State key="state" source={source} />],
    [words.kind, told.filter(Boolean).join(", ")],
    [words.location, <Mono key="location" text={source.location} label={words.location} />],
    outcomes === null && [words.failedCalls, grouped(source.failed_calls)],
    outcomes !== null && [words.hits, grouped(outcomes.found)],
    outcomes !== null && [words.misses, grouped(outcomes.missing)],
    outcomes !== null && [words.pending, grouped(outcomes.pending)],
    outcomes !== null && [words.refused, grouped(outcomes.refused)],
    outcomes !== null && [words.failed, grouped(outcomes.failed)],
    source.stored_bytes !== null && [
      words.stored,
      <Size key="stored" bytes={source.stored_bytes} />,
    ],
    outcomes !== null && [
      words.failure,
      failure === null ? (
        words.noFailure
      ) : (
        <span key="failure">
          <Time value={failure.at} />: {failure.reason}
        </span>
      ),
    ],
  ];
  return (
    <section aria-label={source.name}>
      <Title order={2}>
        {words.number(number)} {source.name}
      </Title>
      <Facts facts={facts} />
    </section>
  );
}

/** How a source answers at this moment. */
function State({ source: { name, is_paused: isPaused } }: { source: SourceRow }) {
  const { data } = useQuery(healthQuery);
  const check = `source ${name}`;
  const state = data?.checks[check];
  const detail = data?.details[check];
  return (
    <>
      {state === undefined ? words.asking : <Status name={STATUSES[state]} />}
      {detail !== undefined && ` ${detail}`}
      {isPaused && <p className={classes["paused"]}>{words.paused}</p>}
    </>
  );
}

function Kept({ list }: { list: SourcesList }) {
  const { upstream_cache_bytes: used, upstream_cache_max_bytes: most } = list;
  if (most === null) return null;
  const shown =
    used === null
      ? words.cacheUnknown(humanSize(most))
      : words.cacheOf(humanSize(used), humanSize(most));
  return <Facts facts={[[words.cache, shown]]} />;
}
