// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

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
