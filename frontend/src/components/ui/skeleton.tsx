// SPDX-License-Identifier: MPL-2.0

import { clsx } from "clsx";

import classes from "./skeleton.module.css";

interface Properties {
  /** In pixels at the usual size of text. */
  height: number;
  width?: string;
  /** Room above and below, in pixels. */
  my?: number;
  mb?: "xs" | number;
  className?: string;
}

const PIXELS_OF_REM = 16;

/** The place of something that is on its way, as high as that will be. */
export function Skeleton({ height, width = "100%", my = 0, mb, className }: Properties) {
  const below = mb === "xs" ? "var(--space-1)" : rem(mb ?? my);
  return (
    <div
      className={clsx(classes["skeleton"], className)}
      data-waiting
      style={{ height: rem(height), width, marginTop: rem(my), marginBottom: below }}
    />
  );
}

function rem(pixels: number): string {
  return `${String(pixels / PIXELS_OF_REM)}rem`;
}
