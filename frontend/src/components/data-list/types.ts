// SPDX-License-Identifier: MPL-2.0

import type { ReactNode } from "react";

interface Choice {
  value: string;
  label: string;
}

/** A condition that a list can have; its name is that of the API and of the page's address. */
export interface ListFilter {
  name: string;
  label: string;
  /** What can be typed, as the API's filters have it; texts where it is not told. */
  kind?: "text" | "size" | "time" | "happened" | "count";
  /** An example of it: `>= 10mb`. */
  placeholder?: string;
  /** Values worth completing, where others can be typed too: `incomplete`. */
  values?: readonly string[];
  /** Another name of it, by which somebody may look for it. */
  also?: string;
  /** What can be chosen, where nothing can be typed. */
  choices?: readonly Choice[];
}

export interface Column<Row> {
  key: string;
  title: string;
  render: (row: Row) => ReactNode;
  /** The API's name of what rows can be sorted by here. */
  sort?: string;
  /** Numbers stand on the right. */
  numeric?: boolean;
  /** Where the list is too narrow for it, it moves to a second line of its row. */
  second?: boolean;
  /** How wide it is at least, in rem, where it is not as wide as most. */
  room?: number;
  /** There, its title is for those only who do not see it: of buttons, say. */
  bare?: boolean;
}

/** What can be done with several rows at once. */
export interface Bulk<Row> {
  /** Whether it can be done with this one, by who looks at it. */
  may: (row: Row) => boolean;
  /** What the row is called, for who does not see it beside its box. */
  nameOf: (row: Row) => string;
  /** The buttons for the rows that are chosen; `done` chooses none. */
  actions: (rows: Row[], done: () => void) => ReactNode;
}

/** The words for what a list has: `["upload", "uploads"]`. */
export type Nouns = readonly [one: string, many: string];
