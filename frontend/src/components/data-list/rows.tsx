// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import { Skeleton, Table } from "@mantine/core";
import type { MouseEvent } from "react";
import { useNavigate } from "react-router";

import classes from "./data-list.module.css";
import type { Column } from "./types";

const SKELETON_ROWS = 10;

interface Properties<Row> {
  columns: readonly Column<Row>[];
  isPhone: boolean;
}

interface RowProperties<Row> extends Properties<Row> {
  row: Row;
  path: string | undefined;
}

/** One row. A click anywhere follows the link that its first column should have. */
export function DataRow<Row>({ row, columns, isPhone, path }: RowProperties<Row>) {
  const navigate = useNavigate();
  const beside = columns.filter((column) => !isPhone || column.second !== true);
  const below = columns.filter((column) => isPhone && column.second === true);

  function follow(event: MouseEvent<HTMLTableRowElement>) {
    if (path === undefined || !isPlainClick(event)) return;
    void navigate(path);
  }

  return (
    <Table.Tr className={classes["row"]} data-linked={path !== undefined} onClick={follow}>
      {beside.map((column, index) => (
        <Table.Td key={column.key} ta={column.numeric === true ? "right" : "left"}>
          {column.render(row)}
          {index === 0 && below.length > 0 && <SecondLine row={row} columns={below} />}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}

function SecondLine<Row>({ row, columns }: { row: Row; columns: readonly Column<Row>[] }) {
  return (
    <dl className={classes["second"]}>
      {columns.map((column) => (
        <div key={column.key}>
          <dt>{column.title}</dt>
          <dd>{column.render(row)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Whether a click is meant for the row: not for a link or a button in it, nor to select text. */
function isPlainClick(event: MouseEvent<HTMLElement>): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return false;
  if (event.target instanceof Element && event.target.closest("a, button, input, label")) {
    return false;
  }
  return window.getSelection()?.type !== "Range";
}

/** Rows of the height of those that are on their way. */
export function SkeletonRows<Row>({ columns, isPhone }: Properties<Row>) {
  const beside = columns.filter((column) => !isPhone || column.second !== true);
  const hasSecond = beside.length < columns.length;
  return Array.from({ length: SKELETON_ROWS }, (_, row) => (
    <Table.Tr key={row} aria-hidden>
      {beside.map((column, index) => (
        <Table.Td key={column.key}>
          <Skeleton height={14} my={5} width={index === 0 ? "80%" : "60%"} />
          {index === 0 && hasSecond && <Skeleton height={12} my={5} width="60%" />}
        </Table.Td>
      ))}
    </Table.Tr>
  ));
}
