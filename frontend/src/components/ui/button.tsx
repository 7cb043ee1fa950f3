// SPDX-License-Identifier: MPL-2.0

import { clsx } from "clsx";
import { LoaderCircle } from "lucide-react";
import {
  type ComponentPropsWithRef,
  type ElementType,
  type MouseEvent,
  type ReactNode,
  useRef,
} from "react";
import { Link } from "react-router";

import classes from "./button.module.css";
import { type Margins, partMargins } from "./own-props";

interface ButtonProperties
  extends Margins, Omit<ComponentPropsWithRef<"button">, keyof Margins | "color"> {
  /** A link that looks like it: to a page of this app, or to what is elsewhere. */
  to?: string;
  href?: string;
  target?: "_blank";
  rel?: string;
  /** Only the one main action of a page or a dialog is `filled`. */
  variant?: "filled" | "default" | "light" | "subtle";
  /** Red for what cannot be undone. */
  color?: "red" | "gray";
  size?: "compact-sm" | "compact-md";
  leftSection?: ReactNode;
  rightSection?: ReactNode;
  /** It was pressed, and what it asked for is on its way. */
  loading?: boolean;
}

/** A verb that can be pressed. */
export function Button(properties: ButtonProperties) {
  const [style, own] = partMargins(properties);
  const { variant = "filled", color, size, leftSection, rightSection, ...rest } = own;
  const { loading = false, disabled = false, className, children, ...others } = rest;
  const Drawn: ElementType =
    others.to !== undefined ? Link : others.href !== undefined ? "a" : "button";
  const state = Drawn === "button" ? { type: "button", disabled } : {};
  return (
    <Drawn
      {...state}
      className={clsx(classes["button"], className)}
      data-variant={variant}
      data-color={color}
      data-size={size}
      aria-busy={loading || undefined}
      style={style}
      {...others}
      {...(loading && WAITING)}
    >
      {loading ? (
        <LoaderCircle size={16} className={classes["spinner"]} aria-hidden />
      ) : (
        leftSection
      )}
      <span className={classes["label"]}>{children}</span>
      {rightSection}
    </Drawn>
  );
}

/** Of a button that waits: it is not pressed again, but keeps the focus, which a disabled one would lose. */
const WAITING = {
  "aria-disabled": true,
  onClick: (event: MouseEvent) => {
    event.preventDefault(); // nor does it send its form
  },
};

interface IconButtonProperties extends ComponentPropsWithRef<"button"> {
  "aria-label": string;
  size?: "sm" | "lg";
}

/** A button that is an icon; its name is for who does not see it. */
export function IconButton({ size = "lg", className, ...rest }: IconButtonProperties) {
  return (
    <button type="button" className={clsx(classes["icon"], className)} data-size={size} {...rest} />
  );
}

// Every browser has it, and React's types do not.
const FOLDER = { webkitdirectory: "" };

interface FileButtonProperties extends ButtonProperties {
  /** Of a whole folder, not of some files. */
  isFolder?: boolean;
  onFiles: (files: File[]) => void;
}

/** A button that opens the browser's dialog to choose files. */
export function FileButton({ isFolder = false, onFiles, ...look }: FileButtonProperties) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        {...(isFolder ? FOLDER : { multiple: true })}
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])];
          event.currentTarget.value = ""; // or the same could not be chosen again, when it has changed
          if (files.length > 0) onFiles(files);
        }}
      />
      <Button {...look} onClick={() => input.current?.click()} />
    </>
  );
}
