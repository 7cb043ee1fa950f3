// SPDX-License-Identifier: MPL-2.0

import { clsx } from "clsx";
import { ChevronRight } from "lucide-react";
import { Children, type ComponentPropsWithRef, type CSSProperties, type ReactNode } from "react";

import classes from "./layout.module.css";
import { type Margins, partMargins, type Step, stepOf } from "./own-props";

type Block<Tag extends "div" | "p" | "span"> = Omit<ComponentPropsWithRef<Tag>, keyof Margins> &
  Margins;

interface GroupProperties extends Block<"div"> {
  gap?: Step | number;
  justify?: CSSProperties["justifyContent"];
  align?: CSSProperties["alignItems"];
  wrap?: "wrap" | "nowrap";
}

/** Things beside each other, which wrap where there is no room. */
export function Group({ gap, justify, align, wrap, className, ...rest }: GroupProperties) {
  const [style, others] = partMargins(rest);
  const own: CSSProperties = {
    ...(gap !== undefined && { gap: lengthOf(gap) }),
    ...(justify !== undefined && { justifyContent: justify }),
    ...(align !== undefined && { alignItems: align }),
    ...(wrap !== undefined && { flexWrap: wrap }),
    ...style,
  };
  return <div className={clsx(classes["group"], className)} style={own} {...others} />;
}

/** Things under each other. */
export function Stack({ gap, className, ...rest }: Block<"div"> & { gap?: Step | number }) {
  const [style, others] = partMargins(rest);
  const own = { ...(gap !== undefined && { gap: lengthOf(gap) }), ...style };
  return <div className={clsx(classes["stack"], className)} style={own} {...others} />;
}

function lengthOf(gap: Step | number): string {
  return typeof gap === "number" ? `${String(gap)}px` : stepOf(gap);
}

interface TextProperties extends Block<"p"> {
  span?: boolean;
  size?: "sm" | "xs";
  c?: "dimmed";
  fw?: number;
}

/** A paragraph, or a part of one. */
export function Text({ span = false, size, c, fw, className, ...rest }: TextProperties) {
  const [style, others] = partMargins(rest);
  const Drawn = span ? "span" : "p";
  const own = { ...(fw !== undefined && { fontWeight: fw }), ...style };
  return (
    <Drawn
      className={clsx(classes["text"], className)}
      data-size={size}
      data-quiet={c === "dimmed" || undefined}
      style={own}
      {...others}
    />
  );
}

interface TitleProperties extends Omit<ComponentPropsWithRef<"h1">, keyof Margins>, Margins {
  order: 1 | 2 | 3 | 4;
  /** Of the size of another order. */
  size?: "h1" | "h2" | "h3" | "h4" | "h5";
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

/** What can be folded away. */
export function Collapse({ expanded, children }: { expanded: boolean; children: ReactNode }) {
  return (
    <div hidden={!expanded} className={classes["collapse"]}>
      {children}
    </div>
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
