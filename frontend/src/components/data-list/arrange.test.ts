// SPDX-License-Identifier: MPL-2.0

import { expect, test } from "vitest";

import { arrange } from "./arrange";
import type { Column } from "./types";

const render = () => null;
const columns: Column<never>[] = [
  { key: "name", title: "Name", render },
  { key: "user", title: "User", second: true, room: 12, render },
  { key: "state", title: "State", render },
  { key: "size", title: "Size", second: true, numeric: true, render },
];

test.each([
  [Infinity, ["name", "user", "state", "size"], true],
  [41, ["name", "user", "state", "size"], true],
  [40, ["name", "user", "state"], true],
  [34, ["name", "state"], true],
  [20, ["name", "state"], false],
])("in a room of %f rem %j stand beside each other", (room, keys, fits) => {
  const arranged = arrange(columns, room);
  expect(arranged.beside.map(({ key }) => key)).toEqual(keys);
  expect(arranged.beside.length + arranged.below.length).toBe(4);
  expect(arranged.fits).toBe(fits);
});
