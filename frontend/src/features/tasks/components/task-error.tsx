// SPDX-License-Identifier: MPL-2.0

import classes from "./tasks.module.css";

const SHORT = 120;

/** The error of a task: its beginning, and the rest when that is opened. */
export function TaskError({ text }: { text: string }) {
  const line = text.split("\n", 1)[0] ?? "";
  const short = line.length > SHORT ? `${line.slice(0, SHORT)}…` : line;
  if (short === text) return <span className={classes["error"]}>{text}</span>;
  return (
    <details className={classes["error"]}>
      <summary>{short}</summary>
      <pre>{text}</pre>
    </details>
  );
}
