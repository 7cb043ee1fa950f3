// SPDX-License-Identifier: MPL-2.0

import type { ReactNode } from "react";

import { Button } from "@/components/ui/button";
import { Table } from "@/components/ui/table";
import { asApiError } from "@/lib/api/errors";
import { grouped } from "@/lib/format/size";
import { lists } from "@/lib/texts/lists";
import { useRoom } from "@/lib/use-room";

import { ErrorMessage } from "../error-message";
import { StateMessage } from "../state-message";
import { arrange, needOf } from "./arrange";
import classes from "./data-list.module.css";
import { Filters, shownValue } from "./filters";
import { HeaderCell } from "./header-cell";
import { Paging } from "./paging";
import { DataRow, SkeletonRows } from "./rows";
import type { Column, ListFilter, Nouns } from "./types";
import type { List } from "./use-list";

interface Properties<Row> {
  list: List<Row>;
  /** What the table is called for who does not see it. */
  label: string;
  nouns: Nouns;
  columns: readonly Column<Row>[];
  filters?: readonly ListFilter[];
  rowPath?: (row: Row) => string;
  /** Whether the list, as it is by itself, goes from new to old. */
  byTime?: boolean;
  /** What is shown when there is nothing at all yet: what would fill it, and how. */
  empty: ReactNode;
}

/** A list with filters, sort and pages, all of them in the page's address. */
export function DataList<Row>(properties: Properties<Row>) {
  const { list, nouns, filters = [], byTime = true } = properties;
  const isFieldError = hasFieldError(list.error, filters);
  const [measure, room] = useRoom();
  return (
    <div ref={measure}>
      {filters.length > 0 && <Filters filters={filters} state={list.state} error={list.error} />}
      <div aria-live="polite" className={classes["news"]}>
        {list.newCount > 0 && (
          <Button variant="light" size="compact-sm" onClick={list.showNew}>
            {lists.newRows(list.newCount, ...nouns)}, {lists.show.toLowerCase()}
          </Button>
        )}
      </div>
      {list.error !== null && !isFieldError && (
        <ErrorMessage error={list.error} onRetry={list.retry} />
      )}
      {(list.error === null || list.rows !== undefined) && <Body {...properties} room={room} />}
      <Paging list={list} byTime={byTime} />
    </div>
  );
}

function Body<Row>(properties: Properties<Row> & { room: number }) {
  const { list, label, columns, filters = [], rowPath, empty, room } = properties;
  const { rows, state } = list;
  if (rows?.length === 0) {
    return Object.keys(state.filters).length > 0 || state.page > 1 ? (
      <NoMatch filters={filters} list={list} />
    ) : (
      empty
    );
  }
  const { beside, below, fits } = arrange(columns, room);
  return (
    <Table
      aria-label={label}
      aria-busy={rows === undefined || list.isOld}
      className={classes["table"] ?? ""}
      data-old={list.isOld}
    >
      <Table.Thead>
        <Table.Tr>
          {beside.map((column, at) => (
            <HeaderCell
              key={column.key}
              column={column}
              state={state}
              room={fits ? needOf(column, at === 0) : null}
            />
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows === undefined ? (
          <SkeletonRows beside={beside} below={below} />
        ) : (
          rows.map((row) => (
            <DataRow
              key={list.rowKey(row)}
              row={row}
              beside={beside}
              below={below}
              path={rowPath?.(row)}
            />
          ))
        )}
      </Table.Tbody>
    </Table>
  );
}

function NoMatch<Row>({ list, filters }: { list: List<Row>; filters: readonly ListFilter[] }) {
  const told = filters
    .filter(({ name }) => list.state.filters[name] !== undefined)
    .map(
      (filter) => `${filter.label} “${shownValue(filter, list.state.filters[filter.name] ?? "")}”`,
    );
  return (
    <StateMessage title={lists.noMatch}>
      <p>{told.length > 0 ? lists.noMatchText(told.join(", ")) : lists.noSuchPage}</p>
      {list.onlyNewest !== null && <p>{lists.onlyNewest(grouped(list.onlyNewest))}</p>}
      <Button variant="default" onClick={list.state.clearFilters}>
        {told.length > 0 ? lists.clearFilters : lists.firstPage}
      </Button>
    </StateMessage>
  );
}

function hasFieldError(error: Error | null, filters: readonly ListFilter[]): boolean {
  if (error === null) return false;
  const fields = Object.keys(asApiError(error).fields);
  return fields.length > 0 && fields.every((name) => filters.some((field) => field.name === name));
}
