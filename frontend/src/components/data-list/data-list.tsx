// SPDX-License-Identifier: MPL-2.0

import { type ReactNode, useRef } from "react";

import { Button } from "@/components/ui/button";
import { asApiError } from "@/lib/api/errors";
import { grouped } from "@/lib/format/size";
import { lists } from "@/lib/texts/lists";
import { useRoom } from "@/lib/use-room";

import { ErrorMessage } from "../error-message";
import { StateMessage } from "../state-message";
import { arrange, needOf } from "./arrange";
import { ChooseAll, type Chosen, useChosen } from "./chosen";
import classes from "./data-list.module.css";
import { FilterBar } from "./filter-bar";
import { shownValue } from "./filter-chip";
import { HeaderCell } from "./header-cell";
import { Paging } from "./paging";
import { DataRow, SkeletonRows } from "./rows";
import type { Bulk, Column, ListFilter, Nouns } from "./types";
import type { List } from "./use-list";
import { SEARCH } from "./use-list-state";

const BOX_ROOM = 2.5; // rem

interface Properties<Row> {
  list: List<Row>;
  /** What the table is called for who does not see it. */
  label: string;
  nouns: Nouns;
  columns: readonly Column<Row>[];
  filters?: readonly ListFilter[];
  bulk?: Bulk<Row>;
  rowPath?: (row: Row) => string;
  /** Whether the list, as it is by itself, goes from new to old. */
  byTime?: boolean;
  /** What is shown when there is nothing at all yet: what would fill it, and how. */
  empty: ReactNode;
}

/** A list with filters, sort and pages, all of them in the page's address. */
export function DataList<Row>(properties: Properties<Row>) {
  const { list, nouns, filters = [], bulk, byTime = true } = properties;
  const isFieldError = hasFieldError(list.error, list.state.filters);
  const [measure, room] = useRoom();
  const table = useRef<HTMLDivElement>(null);
  const chosen = useChosen(list, bulk);
  return (
    <div ref={measure}>
      <FilterBar noun={nouns[1]} filters={filters} state={list.state} error={list.error}>
        {bulk !== undefined && chosen.rows.length > 0 ? (
          <span className={classes["bulk"]}>
            {lists.chosen(chosen.rows.length)}
            {bulk.actions(chosen.rows, () => chosen.all(false))}
          </span>
        ) : (
          <News list={list} nouns={nouns} />
        )}
      </FilterBar>
      {list.error !== null && !isFieldError && (
        <ErrorMessage error={list.error} onRetry={list.retry} />
      )}
      {(list.error === null || list.rows !== undefined) && (
        <div ref={table} tabIndex={-1} className={classes["body"]}>
          <Body {...properties} room={room} chosen={chosen} />
        </div>
      )}
      <Paging
        list={list}
        byTime={byTime}
        onGo={() => table.current?.focus({ preventScroll: true })}
      />
    </div>
  );
}

/** Tells of rows that came since. */
function News<Row>({ list, nouns }: { list: List<Row>; nouns: Nouns }) {
  return (
    <span aria-live="polite" className={classes["news"]}>
      {list.newCount > 0 && (
        <Button variant="light" size="compact-sm" onClick={list.showNew}>
          {lists.newRows(list.newCount, ...nouns)}, {lists.show.toLowerCase()}
        </Button>
      )}
    </span>
  );
}

function Body<Row>(properties: Properties<Row> & { room: number; chosen: Chosen<Row> }) {
  const { list, label, columns, filters = [], bulk, rowPath, empty, room, chosen } = properties;
  const { rows, state } = list;
  if (rows?.length === 0) {
    return Object.keys(state.filters).length > 0 || state.page > 1 ? (
      <NoMatch filters={filters} list={list} />
    ) : (
      empty
    );
  }
  const withBoxes = chosen.possible.length > 0;
  const { beside, below, fits } = arrange(columns, withBoxes ? room - BOX_ROOM : room);
  return (
    <table
      aria-label={label}
      aria-busy={rows === undefined || (list.isOld && list.error === null)}
      className={classes["table"]}
      data-old={list.isOld}
    >
      <thead>
        <tr>
          {withBoxes && <ChooseAll chosen={chosen} />}
          {beside.map((column, at) => (
            <HeaderCell
              key={column.key}
              column={column}
              state={state}
              room={fits ? needOf(column, at === 0) : null}
            />
          ))}
        </tr>
      </thead>
      <tbody>
        {rows === undefined ? (
          <SkeletonRows beside={beside} below={below} withBoxes={withBoxes} />
        ) : (
          rows.map((row) => (
            <DataRow
              key={list.rowKey(row)}
              row={row}
              beside={beside}
              below={below}
              withBoxes={withBoxes}
              path={rowPath?.(row)}
              box={
                bulk?.may(row) === true
                  ? {
                      name: bulk.nameOf(row),
                      isChosen: chosen.has(row),
                      onChoose: () => chosen.toggle(row),
                    }
                  : null
              }
            />
          ))
        )}
      </tbody>
    </table>
  );
}

function NoMatch<Row>({ list, filters }: { list: List<Row>; filters: readonly ListFilter[] }) {
  const given = list.state.filters;
  const told = filters
    .filter(({ name }) => given[name] !== undefined)
    .map((filter) => `${filter.label} “${shownValue(filter, given[filter.name] ?? "")}”`);
  const search = given[SEARCH];
  if (search !== undefined) told.unshift(`“${search}”`);
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

/** Whether all that is wrong is about filters that are there to say so. */
function hasFieldError(error: Error | null, filters: Readonly<Record<string, string>>): boolean {
  if (error === null) return false;
  const fields = Object.keys(asApiError(error).fields);
  return fields.length > 0 && fields.every((name) => name in filters);
}
