// SPDX-License-Identifier: MPL-2.0

import type { ReactNode } from "react";

import type { ListQuery, Rows } from "@/lib/api/rows";

import { StateMessage } from "../state-message";
import { DataList } from "./data-list";
import type { Bulk, Column, ListFilter, Nouns } from "./types";
import { useList } from "./use-list";
import { SEARCH, useListState } from "./use-list-state";

/** What is told of a list: its name, what it has, and what would fill it. */
interface ListWords {
  title: string;
  nouns: Nouns;
  empty: string;
  emptyText: string;
}

interface Properties<Row> {
  /** What the answers are kept under. */
  name: string;
  words: ListWords;
  filters: readonly ListFilter[];
  columns: readonly Column<Row>[];
  load: (query: ListQuery, signal: AbortSignal) => Promise<Rows<Row>>;
  /** Ask twice a minute for rows that are new on top of the first page. */
  news?: boolean;
  /** Whether the API takes free text. */
  search?: boolean;
  bulk?: Bulk<Row>;
  rowPath?: (row: Row) => string;
  /** Whether the list, as it is by itself, goes from new to old. */
  byTime?: boolean;
  /** What helps to fill an empty list, under the words that say how. */
  children?: ReactNode;
}

/** A whole list of what the API has: its rows, filters, sort and pages, and its empty state. */
export function FilteredList<Row extends { id: string | number }>({
  name,
  words,
  load,
  news = false,
  search = true,
  children,
  ...rest
}: Properties<Row>) {
  const names = rest.filters.map((filter) => filter.name);
  const state = useListState(search ? [...names, SEARCH] : names);
  const list = useList({ name, state, load, rowKey, news });
  return (
    <DataList
      {...rest}
      list={list}
      label={words.title}
      nouns={words.nouns}
      empty={
        <StateMessage title={words.empty}>
          <p>{words.emptyText}</p>
          {children}
        </StateMessage>
      }
    />
  );
}

function rowKey({ id }: { id: string | number }): string | number {
  return id;
}
