// SPDX-License-Identifier: MPL-2.0

import { Fragment } from "react";

import { shortenedInTheMiddle } from "@/lib/format/middle";

import classes from "./email.module.css";

const HEAD = 22;
const TAIL = 16;

/** An email address, which breaks before its @ if it must; a long one has no middle. */
export function Email({ address }: { address: string }) {
  const shown = shortenedInTheMiddle(address, HEAD, TAIL);
  const [name = "", ...rest] = shown.split("@");
  return (
    <span className={classes["email"]} {...(shown !== address && { title: address })}>
      {name}
      {rest.map((part, number) => (
        <Fragment key={number}>
          <wbr />@{part}
        </Fragment>
      ))}
    </span>
  );
}
