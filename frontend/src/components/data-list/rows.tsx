// SPDX-License-Identifier: MPL-2.0

import { Fragment, type MouseEvent } from "react";
import { useNavigate } from "react-router";

import { lists } from "@/lib/texts/lists";

import classes from "./data-list.module.css";
import type { Column } from "./types";

const SKELETON_ROWS = 10;
const MIDDLE_BUTTON = 1;

interface Properties<Row> {
  beside: readonly Column<Row>[];
  /** In a second line of each row. */
  below: readonly Column<Row>[];
  /** Whether there is a column of boxes that choose rows. */
  withBoxes: boolean;
}

interface RowProperties<Row> extends Properties<Row> {
  row: Row;
  path: string | undefined;
  /** The box that chooses the row; null where it has none. */
  box: { name: string; isChosen: boolean; onChoose: () => void } | null;
}

/** One row. Any click on it opens what the link in its first column leads to, as a click on that would. */
export function DataRow<Row>({ row, beside, below, withBoxes, path, box }: RowProperties<Row>) {
  const navigate = useNavigate();

  function open(event: MouseEvent<HTMLTableRowElement>) {
    if (path === undefined || !isForRow(event)) return;
    const isElsewhere = event.ctrlKey || event.metaKey || event.shiftKey;
    if (event.button === MIDDLE_BUTTON || isElsewhere) window.open(path, "_blank", "noopener");
    else void navigate(path);
  }

  const linked = {
    className: classes["row"],
    "data-linked": path !== undefined,
    "data-chosen": box?.isChosen === true,
    onClick: open,
    onAuxClick: (event: MouseEvent<HTMLTableRowElement>) => {
      if (event.button === MIDDLE_BUTTON) open(event);
    },
    onMouseDown: (event: MouseEvent<HTMLTableRowElement>) => {
      if (event.button !== MIDDLE_BUTTON || path === undefined || !isForRow(event)) return;
      event.preventDefault(); // it would scroll the page as the mouse moves
      // Linux pastes what is selected into the field that has the focus, which this click has not taken now.
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    },
  };
  return (
    <>
      <tr {...linked} data-continued={below.length > 0}>
        {withBoxes && (
          <td data-box className={classes["box"]} rowSpan={below.length > 0 ? 2 : 1}>
            {box !== null && (
              <input
                type="checkbox"
                aria-label={lists.choose(box.name)}
                checked={box.isChosen}
                onChange={box.onChoose}
              />
            )}
          </td>
        )}
        {beside.map((column) => (
          <td key={column.key} data-numeric={column.numeric === true}>
            {column.render(row)}
          </td>
        ))}
      </tr>
      {below.length > 0 && (
        <tr {...linked}>
          <td colSpan={beside.length} className={classes["continuation"]}>
            <SecondLine row={row} columns={below} />
          </td>
        </tr>
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
          <div key={column.key} data-bare={column.bare === true}>
            <dt className={column.bare === true ? classes["hidden"] : undefined}>{column.title}</dt>
            <dd>{value}</dd>
          </div>
        );
      })}
    </dl>
  );
}

/** Whether a click is meant for the row: not for a link or a button in it, nor to select text. */
function isForRow(event: MouseEvent<HTMLElement>): boolean {
  if (event.defaultPrevented) return false;
  if (event.target instanceof Element && event.target.closest("a, button, input, label, summary")) {
    return false;
  }
  return window.getSelection()?.type !== "Range";
}

/** Rows of the height of those that are on their way. */
export function SkeletonRows<Row>({ beside, below, withBoxes }: Properties<Row>) {
  const hasSecond = below.length > 0;
  return Array.from({ length: SKELETON_ROWS }, (_, row) => (
    <Fragment key={row}>
      <tr aria-hidden data-continued={hasSecond} className={classes["row"]}>
        {withBoxes && <td data-box rowSpan={hasSecond ? 2 : 1} />}
        {beside.map((column) => (
          <td key={column.key}>
            <div className={classes["waiting"]} />
          </td>
        ))}
      </tr>
      {hasSecond && (
        <tr aria-hidden className={classes["row"]}>
          <td colSpan={beside.length} className={classes["continuation"]}>
            <div className={classes["waiting"]} />
          </td>
        </tr>
      )}
    </Fragment>
  ));
}
