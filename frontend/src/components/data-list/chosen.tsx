// SPDX-License-Identifier: MPL-2.0

import { useEffect, useRef, useState } from "react";

import { lists } from "@/lib/texts/lists";

import classes from "./data-list.module.css";
import type { Bulk } from "./types";
import type { List } from "./use-list";

/** The rows that somebody has chosen, of those that are shown and can be. */
export interface Chosen<Row> {
  rows: Row[];
  /** Those that can be chosen. */
  possible: Row[];
  has: (row: Row) => boolean;
  toggle: (row: Row) => void;
  all: (areChosen: boolean) => void;
}

/** Which rows of a list are chosen; none where nothing can be done with several. */
export function useChosen<Row>(list: List<Row>, bulk: Bulk<Row> | undefined): Chosen<Row> {
  const [keys, setKeys] = useState<ReadonlySet<string | number>>(new Set());
  const possible = bulk === undefined ? [] : (list.rows ?? []).filter((row) => bulk.may(row));
  const has = (row: Row) => keys.has(list.rowKey(row));
  return {
    rows: possible.filter(has),
    possible,
    has,
    toggle: (row) => {
      const next = new Set(keys);
      if (!next.delete(list.rowKey(row))) next.add(list.rowKey(row));
      setKeys(next);
    },
    all: (areChosen) => setKeys(new Set(areChosen ? possible.map(list.rowKey) : [])),
  };
}

/** A box that chooses all rows of the page, or none. */
export function ChooseAll<Row>({ chosen }: { chosen: Chosen<Row> }) {
  const box = useRef<HTMLInputElement>(null);
  const some = chosen.rows.length;
  const isPart = some > 0 && some < chosen.possible.length;
  useEffect(() => {
    if (box.current !== null) box.current.indeterminate = isPart;
  }, [isPart]);
  return (
    <th scope="col" className={classes["box"]}>
      <input
        ref={box}
        type="checkbox"
        aria-label={lists.chooseAll}
        checked={some > 0 && !isPart}
        onChange={(event) => chosen.all(event.currentTarget.checked)}
      />
    </th>
  );
}
