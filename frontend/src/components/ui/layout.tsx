// SPDX-License-Identifier: MPL-2.0

import { clsx } from "clsx";
import { ChevronRight } from "lucide-react";
import { Children, type ComponentPropsWithRef, type CSSProperties, type ReactNode } from "react";

import classes from "./layout.module.css";
import { type Margins, partMargins, type Step, stepOf } from "./own-props";

type Block = Omit<ComponentPropsWithRef<"div">, keyof Margins> & Margins;

interface GroupProperties extends Block {
  gap?: Step | number;
  justify?: CSSProperties["justifyContent"];
  wrap?: "nowrap";
}

/** Things beside each other, which wrap where there is no room. */
export function Group({ gap, justify, wrap, className, ...rest }: GroupProperties) {
  const [style, others] = partMargins(rest);
  const own: CSSProperties = {
    ...(gap !== undefined && { gap: lengthOf(gap) }),
    ...(justify !== undefined && { justifyContent: justify }),
    ...(wrap !== undefined && { flexWrap: wrap }),
    ...style,
  };
  return <div className={clsx(classes["group"], className)} style={own} {...others} />;
}

/** Things under each other. */
export function Stack({ gap, className, ...rest }: Block & { gap?: Step | number }) {
  const [style, others] = partMargins(rest);
  const own = { ...(gap !== undefined && { gap: lengthOf(gap) }), ...style };
  return <div className={clsx(classes["stack"], className)} style={own} {...others} />;
}

function lengthOf(gap: Step | number): string {
  return typeof gap === "number" ? `${String(gap)}px` : stepOf(gap);
}

interface TitleProperties extends Omit<ComponentPropsWithRef<"h1">, keyof Margins>, Margins {
  order: 1 | 2 | 3;
  /** Of the size of another order. */
  size?: "h2" | "h3";
}

/** A title of a page, a section or a part of one. */
export function Title({ order, size, className, ...rest }: TitleProperties) {
  const [style, others] = partMargins(rest);
  const Drawn = `h${String(order)}` as "h1";
  return (
    <Drawn
      className={clsx(classes["title"], className)}
      data-size={size ?? Drawn}
      style={style}
      {...others}
    />
  );
}

/** The pages above this one. */
export function Breadcrumbs({ children }: { children: ReactNode }) {
  return (
    <div className={classes["crumbs"]}>
      {Children.map(children, (child, at) => (
        <>
          {at > 0 && <ChevronRight size={14} aria-hidden />}
          {child}
        </>
      ))}
    </div>
  );
}
