// SPDX-License-Identifier: MPL-2.0

import { clsx } from "clsx";
import type { ComponentPropsWithRef } from "react";
import { Link } from "react-router";

import classes from "./anchor.module.css";

interface Properties extends ComponentPropsWithRef<"a"> {
  /** A page of this app; `href` for what is elsewhere. */
  to?: string;
  /** Underlined where colour alone would not tell it from what is around. */
  underline?: "always";
  size?: "sm";
}

/** A link. */
export function Anchor({ to, underline, size, className, ...rest }: Properties) {
  const look = {
    className: clsx(classes["link"], className),
    "data-underline": underline,
    "data-size": size,
  };
  return to === undefined ? <a {...look} {...rest} /> : <Link to={to} {...look} {...rest} />;
}
