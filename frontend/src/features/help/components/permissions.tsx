// SPDX-License-Identifier: MPL-2.0

import { permissions } from "@/lib/texts/permissions";

import classes from "./help.module.css";

/** Which permissions there are, and what each allows. */
export function Permissions() {
  return (
    <dl className={classes["permissions"]}>
      {Object.values(permissions).map(({ name, allows }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{allows}</dd>
        </div>
      ))}
    </dl>
  );
}
