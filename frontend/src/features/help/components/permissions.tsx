// SPDX-License-Identifier: MPL-2.0

import { help } from "@/lib/texts/help";

import classes from "./help.module.css";

/** Which permissions there are, and what each allows. */
export function Permissions() {
  return (
    <dl className={classes["permissions"]}>
      {help.help.permissions.map(({ name, about }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{about}</dd>
        </div>
      ))}
    </dl>
  );
}
