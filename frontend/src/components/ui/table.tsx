// SPDX-License-Identifier: MPL-2.0

import { clsx } from "clsx";
import type { ComponentPropsWithRef, CSSProperties } from "react";

import classes from "./table.module.css";

function Root({ className, ...rest }: ComponentPropsWithRef<"table">) {
  return <table className={clsx(classes["table"], className)} {...rest} />;
}

interface CellLook {
  ta?: "left" | "right" | undefined;
  /** At least as wide. */
  miw?: string | undefined;
  w?: string | undefined;
  /** No room above: it continues the row before. */
  pt?: 0 | undefined;
}

function styleOf({ ta, miw, w, pt }: CellLook): CSSProperties {
  return {
    ...(ta === "right" && { textAlign: "right" }),
    ...(miw !== undefined && { minWidth: miw }),
    ...(w !== undefined && { width: w }),
    ...(pt === 0 && { paddingTop: 0 }),
  };
}

function Th({ ta, miw, w, pt, style, ...rest }: ComponentPropsWithRef<"th"> & CellLook) {
  return <th style={{ ...styleOf({ ta, miw, w, pt }), ...style }} {...rest} />;
}

function Td({ ta, miw, w, pt, style, ...rest }: ComponentPropsWithRef<"td"> & CellLook) {
  return <td style={{ ...styleOf({ ta, miw, w, pt }), ...style }} {...rest} />;
}

/** A table as HTML has it, with the look of ours. */
export const Table = Object.assign(Root, {
  Thead: (properties: ComponentPropsWithRef<"thead">) => <thead {...properties} />,
  Tbody: (properties: ComponentPropsWithRef<"tbody">) => <tbody {...properties} />,
  Tr: (properties: ComponentPropsWithRef<"tr">) => <tr {...properties} />,
  Th,
  Td,
});
