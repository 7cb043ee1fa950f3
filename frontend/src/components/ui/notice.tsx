// SPDX-License-Identifier: MPL-2.0

import { clsx } from "clsx";
import { type ComponentPropsWithRef, type ReactNode, useId } from "react";

import classes from "./notice.module.css";
import { type Margins, partMargins, type Step } from "./own-props";

interface NoticeProperties
  extends Omit<ComponentPropsWithRef<"div">, keyof Margins | "title" | "color">, Margins {
  color?: "red" | "yellow" | "green" | "blue";
  icon?: ReactNode;
  title?: ReactNode;
  py?: Step;
}

/** Something that should be known before what follows: an icon, a title, a sentence. */
export function Notice(properties: NoticeProperties) {
  const [style, own] = partMargins(properties);
  const { color = "blue", icon, title, py, className, children, ...rest } = own;
  const name = useId();
  return (
    <div
      className={clsx(classes["notice"], className)}
      data-color={color}
      data-small={py === "xs" || undefined}
      {...(rest.role !== undefined && title !== undefined && { "aria-labelledby": name })}
      style={style}
      {...rest}
    >
      {icon !== undefined && (
        <span className={classes["icon"]} aria-hidden>
          {icon}
        </span>
      )}
      <div className={classes["text"]}>
        {title !== undefined && (
          <div id={name} className={classes["title"]}>
            {title}
          </div>
        )}
        {children}
      </div>
    </div>
  );
}
