// SPDX-License-Identifier: MPL-2.0

import type { ReactNode } from "react";

import classes from "./facts.module.css";

/** A name and what there is to say under it; null leaves it out. */
export type Fact = [name: string, value: ReactNode] | null | false;

/** The facts about one thing, in two columns where there is room. */
export function Facts({ facts }: { facts: Fact[] }) {
  return (
    <dl className={classes["facts"]}>
      {facts
        .filter((fact) => fact !== null && fact !== false)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
