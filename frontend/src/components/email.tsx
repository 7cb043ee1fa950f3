// SPDX-License-Identifier: MPL-2.0

import { Fragment } from "react";

import { shortenedInTheMiddle } from "@/lib/format/middle";

import { CopyButton } from "./copy-button";
import classes from "./email.module.css";

const HEAD = 22;
const TAIL = 16;

interface Properties {
  address: string;
  /** Without the button that copies a long one: within a link, say. */
  copy?: boolean;
}

/** An email address, which breaks before its @ if it must; a long one has no middle, and can be copied whole. */
export function Email({ address, copy = true }: Properties) {
  const shown = shortenedInTheMiddle(address, HEAD, TAIL);
  const isShort = shown !== address;
  const [name = "", ...rest] = shown.split("@");
  return (
    <span className={classes["email"]} {...(isShort && { title: address })}>
      {name}
      {rest.map((part, number) => (
        <Fragment key={number}>
          <wbr />@{part}
        </Fragment>
      ))}
      {isShort && copy && <CopyButton className={classes["copy"]} text={address} label={address} />}
    </span>
  );
}
