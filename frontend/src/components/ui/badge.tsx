// SPDX-License-Identifier: MPL-2.0

import type { ReactNode } from "react";

import classes from "./badge.module.css";

/** A text of a program, by itself. */
export function Code({ children }: { children: ReactNode }) {
  return (
    <pre className={classes["block"]}>
      <code>{children}</code>
    </pre>
  );
}

/** A key to press. */
export function Kbd({ children }: { children: ReactNode }) {
  return <kbd className={classes["key"]}>{children}</kbd>;
}
