// SPDX-License-Identifier: MPL-2.0

import { Fragment, type MouseEvent } from "react";
import { useNavigate } from "react-router";

import { Skeleton } from "@/components/ui/skeleton";
import { Table } from "@/components/ui/table";

import classes from "./data-list.module.css";
import type { Column } from "./types";

const SKELETON_ROWS = 10;

interface Properties<Row> {
  beside: readonly Column<Row>[];
  /** In a second line of each row. */
  below: readonly Column<Row>[];
}

interface RowProperties<Row> extends Properties<Row> {
  row: Row;
  path: string | undefined;
}

/** One row. A click anywhere follows the link that its first column should have. */
export function DataRow<Row>({ row, beside, below, path }: RowProperties<Row>) {
  const navigate = useNavigate();

  function follow(event: MouseEvent<HTMLTableRowElement>) {
    if (path === undefined || !isPlainClick(event)) return;
    void navigate(path);
  }

  const linked = { "data-linked": path !== undefined, onClick: follow };
  return (
    <>
      <Table.Tr className={classes["row"]} data-continued={below.length > 0} {...linked}>
        {beside.map((column) => (
          <Table.Td key={column.key} ta={column.numeric === true ? "right" : "left"}>
            {column.render(row)}
          </Table.Td>
        ))}
      </Table.Tr>
      {below.length > 0 && (
        <Table.Tr className={classes["row"]} {...linked}>
          <Table.Td colSpan={beside.length} pt={0}>
            <SecondLine row={row} columns={below} />
          </Table.Td>
        </Table.Tr>
      )}
    </>
  );
}

function SecondLine<Row>({ row, columns }: { row: Row; columns: readonly Column<Row>[] }) {
  return (
    <dl className={classes["second"]}>
      {columns.map((column) => {
        const value = column.render(row);
        if (value === null || value === "") return null; // a name alone would say nothing
        return (
          <div key={column.key}>
            <dt className={column.bare === true ? classes["hidden"] : undefined}>{column.title}</dt>
            <dd>{value}</dd>
          </div>
        );
      })}
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
export function SkeletonRows<Row>({ beside, below }: Properties<Row>) {
  const hasSecond = below.length > 0;
  return Array.from({ length: SKELETON_ROWS }, (_, row) => (
    <Fragment key={row}>
      <Table.Tr aria-hidden data-continued={hasSecond} className={classes["row"]}>
        {beside.map((column, index) => (
          <Table.Td key={column.key}>
            <Skeleton height={14} my={5} width={index === 0 ? "80%" : "60%"} />
          </Table.Td>
        ))}
      </Table.Tr>
      {hasSecond && (
        <Table.Tr aria-hidden>
          <Table.Td colSpan={beside.length} pt={0}>
            <Skeleton height={12} my={4} width="70%" />
          </Table.Td>
        </Table.Tr>
      )}
    </Fragment>
  ));
}
