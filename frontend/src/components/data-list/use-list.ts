// SPDX-License-Identifier: MPL-2.0

import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { ListQuery, Rows } from "@/lib/api/rows";

import type { ListState } from "./use-list-state";

const NEWS_MILLISECONDS = 30_000;

interface ListSource<Row> {
  /** What the answers are kept under. */
  name: string;
  state: ListState;
  load: (query: ListQuery, signal: AbortSignal) => Promise<Rows<Row>>;
  rowKey: (row: Row) => string | number;
  /** Ask twice a minute for rows that are new on top of the first page; not in a hidden tab. */
  news?: boolean;
}

export interface List<Row> {
  state: ListState;
  rows: Row[] | undefined;
  batchSize: number;
  hasNext: boolean;
  /** How many of the newest rows were looked through; null where all were. */
  onlyNewest: number | null;
  /** Whether the rows are those from before a change of the filters, which are on their way. */
  isOld: boolean;
  error: Error | null;
  retry: () => void;
  newCount: number;
  showNew: () => void;
  rowKey: (row: Row) => string | number;
}

/** The rows that the state asks for. */
export function useList<Row>(source: ListSource<Row>): List<Row> {
  const { name, state, load, rowKey, news = false } = source;
  const client = useQueryClient();
  const key = [name, state.query];
  const newsKey = [name, state.query, "news"];
  const ask = ({ signal }: { signal: AbortSignal }) => load(state.query, signal);

  const shown = useQuery({ queryKey: key, queryFn: ask, placeholderData: keepPreviousData });
  const latest = useQuery({
    queryKey: newsKey,
    queryFn: ask,
    enabled: news && state.page === 1 && state.sort === null && shown.isSuccess,
    initialData: shown.data,
    initialDataUpdatedAt: shown.dataUpdatedAt,
    staleTime: NEWS_MILLISECONDS,
    refetchInterval: NEWS_MILLISECONDS,
    refetchIntervalInBackground: false,
    retry: false,
    meta: { quiet: true },
  });

  // What a wrong filter is refused for leaves the rows that are there.
  const [last, setLast] = useState(shown.data);
  if (shown.data !== undefined && shown.data !== last) setLast(shown.data);
  const page = shown.data ?? last;

  const known = new Set(shown.data?.rows.map(rowKey));
  const arrived = latest.data?.rows.filter((row) => !known.has(rowKey(row))) ?? [];
  return {
    state,
    rows: page?.rows,
    batchSize: page?.batch_size ?? 0,
    hasNext: page?.has_next ?? false,
    onlyNewest: page?.only_newest ?? null,
    isOld: shown.isPlaceholderData || shown.data === undefined,
    error: shown.error,
    retry: () => void shown.refetch(),
    newCount: shown.isPlaceholderData || !isNewer(latest, shown) ? 0 : arrived.length,
    showNew: () => client.setQueryData(key, latest.data),
    rowKey,
  };
}

function isNewer(latest: { dataUpdatedAt: number }, shown: { dataUpdatedAt: number }): boolean {
  return latest.dataUpdatedAt > shown.dataUpdatedAt;
}
