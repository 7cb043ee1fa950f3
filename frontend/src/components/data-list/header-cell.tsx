// SPDX-License-Identifier: MPL-2.0

import { ArrowDown, ArrowUp, ArrowUpDown } from "lucide-react";

import { lists } from "@/lib/texts/lists";

import classes from "./data-list.module.css";
import type { Column } from "./types";
import type { ListState } from "./use-list-state";

interface Properties<Row> {
  column: Column<Row>;
  state: ListState;
  /** How wide it is at least, in rem, where there is room for that. */
  room: number | null;
}

/** The head of a column; one that rows can be sorted by is a button that says so. */
export function HeaderCell<Row>({ column, state, room }: Properties<Row>) {
  const { title, sort, numeric = false } = column;
  const cell = {
    scope: "col",
    "data-numeric": numeric,
    ...(room !== null && { style: { minWidth: `${String(room)}rem` } }),
  };
  if (sort === undefined) return <th {...cell}>{title}</th>;
  const isSorted = state.sort === sort;
  const Icon = isSorted ? (state.reverse ? ArrowDown : ArrowUp) : ArrowUpDown;
  return (
    <th {...cell} aria-sort={sortOf(isSorted, state.reverse)}>
      <button
        type="button"
        className={classes["sort"]}
        data-sorted={isSorted}
        title={lists.sortBy(title)}
        onClick={() => state.setSort(sort)}
      >
        {title}
        <Icon size={14} aria-hidden />
      </button>
    </th>
  );
}

function sortOf(isSorted: boolean, reverse: boolean): "ascending" | "descending" | "none" {
  if (!isSorted) return "none";
  return reverse ? "descending" : "ascending";
}
