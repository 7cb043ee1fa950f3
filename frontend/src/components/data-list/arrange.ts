// SPDX-License-Identifier: MPL-2.0

import type { Column } from "./types";

// What a column needs, in rem, where it does not say so itself.
const FIRST = 15;
const NUMBER = 6.5;
const OTHER = 7.5;

interface Arranged<Row> {
  beside: Column<Row>[];
  /** Those that stand in a second line of each row. */
  below: Column<Row>[];
  /** Whether what stands beside has the room that it needs. */
  fits: boolean;
}

/** Part columns by the room of their list, in rem: what does not fit goes below, from the last on. */
export function arrange<Row>(columns: readonly Column<Row>[], room: number): Arranged<Row> {
  const beside = [...columns];
  const below: Column<Row>[] = [];
  let needed = columns.reduce((sum, column, at) => sum + needOf(column, at === 0), 0);
  for (let at = beside.length - 1; at > 0 && needed > room; at -= 1) {
    const column = beside[at];
    if (column?.second !== true) continue;
    needed -= needOf(column, false);
    beside.splice(at, 1);
    below.unshift(column);
  }
  return { beside, below, fits: needed <= room };
}

/** Return how much room a column needs at least, in rem. */
export function needOf<Row>({ room, numeric = false }: Column<Row>, isFirst: boolean): number {
  return room ?? (isFirst ? FIRST : numeric ? NUMBER : OTHER);
}
