// SPDX-License-Identifier: MPL-2.0

import { clsx } from "clsx";
import type { CSSProperties, ElementType, ReactNode } from "react";

import classes from "./anchor.module.css";
import type { As } from "./own-props";

interface AnchorLook {
  /** Underlined where colour alone would not tell it from what is around. */
  underline?: "always" | "hover";
  size?: "sm";
  ff?: "monospace";
  className?: string | undefined;
  style?: CSSProperties;
  children?: ReactNode;
}

/** A link: `href=…`, `component={Link} to=…`, or a button that looks like one. */
export function Anchor<Component extends ElementType = "a">(properties: As<AnchorLook, Component>) {
  const { underline, size, ff, className, component, ...rest } = properties as AnchorLook & {
    component?: ElementType;
  };
  const Drawn: ElementType = component ?? "a";
  return (
    <Drawn
      className={clsx(classes["link"], className)}
      data-underline={underline}
      data-size={size}
      data-face={ff}
      {...rest}
    />
  );
}
