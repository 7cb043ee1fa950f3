// SPDX-License-Identifier: MPL-2.0

import { clsx } from "clsx";

import classes from "./progress.module.css";

interface Properties {
  /** Percent; null while nobody can tell. */
  value: number | null;
  "aria-label": string;
  className?: string;
}

/** How far something is. */
export function Progress({ value, className, ...rest }: Properties) {
  return (
    <div
      role="progressbar"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={value === null ? undefined : Math.round(value)}
      className={clsx(classes["progress"], className)}
      {...rest}
    >
      <div style={value === null ? undefined : { width: `${String(value)}%` }} />
    </div>
  );
}
