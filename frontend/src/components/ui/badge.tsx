// SPDX-License-Identifier: MPL-2.0

import { clsx } from "clsx";
import type { ComponentPropsWithRef, ReactNode } from "react";

import classes from "./badge.module.css";

/** A text of a program: a part of a sentence, or a block by itself. */
export function Code({ block = false, children }: { block?: boolean; children: ReactNode }) {
  if (!block) return <code className={classes["code"]}>{children}</code>;
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

/** A short thing that is in use, as a filter is. */
export function Pill({ className, ...rest }: ComponentPropsWithRef<"span">) {
  return <span className={clsx(classes["pill"], className)} {...rest} />;
}
