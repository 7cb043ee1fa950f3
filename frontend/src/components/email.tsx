// SPDX-License-Identifier: MPL-2.0

import { Fragment } from "react";

import classes from "./email.module.css";

/** An email address, which breaks before its @ if it must, and not within a word. */
export function Email({ address }: { address: string }) {
  const [name = "", ...rest] = address.split("@");
  return (
    <span className={classes["email"]}>
      {name}
      {rest.map((part, number) => (
        <Fragment key={number}>
          <wbr />@{part}
        </Fragment>
      ))}
    </span>
  );
}
