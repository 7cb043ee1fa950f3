// SPDX-License-Identifier: MPL-2.0

import { clsx } from "clsx";
import { LoaderCircle, X } from "lucide-react";
import {
  type ComponentPropsWithRef,
  type ElementType,
  type MouseEvent,
  type ReactNode,
  type RefObject,
  useId,
  useImperativeHandle,
  useRef,
} from "react";

import classes from "./button.module.css";
import { type As, type Margins, partMargins } from "./own-props";

interface ButtonLook extends Margins {
  /** Only the one main action of a page or a dialog is `filled`. */
  variant?: "filled" | "default" | "light" | "subtle";
  /** Red for what cannot be undone. */
  color?: "red" | "gray";
  size?: "compact-sm" | "compact-md";
  leftSection?: ReactNode;
  rightSection?: ReactNode;
  /** It was pressed, and what it asked for is on its way. */
  loading?: boolean;
  disabled?: boolean | undefined;
  className?: string | undefined;
  children?: ReactNode;
}

/** A verb that can be pressed; with `component="a"` or `component={Link}`, a link that looks like it. */
export function Button<Component extends ElementType = "button">(
  properties: As<ButtonLook, Component>,
) {
  const [style, own] = partMargins(properties as ButtonLook & { component?: ElementType });
  const { variant = "filled", color, size, leftSection, rightSection, ...rest } = own;
  const { loading = false, disabled = false, className, children, component, ...others } = rest;
  const Drawn: ElementType = component ?? "button";
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

interface ActionIconProperties extends ComponentPropsWithRef<"button"> {
  "aria-label": string;
  size?: "sm" | "lg";
}

/** A button that is an icon; its name is for who does not see it. */
export function ActionIcon({ size = "lg", className, ...rest }: ActionIconProperties) {
  return (
    <button type="button" className={clsx(classes["icon"], className)} data-size={size} {...rest} />
  );
}

/** The cross that closes or takes away. */
export function CloseButton(properties: Omit<ActionIconProperties, "size">) {
  return (
    <ActionIcon size="sm" {...properties}>
      <X size={16} aria-hidden />
    </ActionIcon>
  );
}

/** A button without any look. */
export function UnstyledButton({ className, ...rest }: ComponentPropsWithRef<"button">) {
  return <button type="button" className={clsx(classes["unstyled"], className)} {...rest} />;
}

interface FileButtonProperties<Multiple extends boolean> {
  accept?: string;
  multiple?: Multiple;
  /** Forgets what was chosen, so that it can be chosen again. */
  resetRef?: RefObject<(() => void) | null>;
  onChange: (chosen: Multiple extends true ? File[] : File | null) => void;
  children: (properties: { onClick: () => void }) => ReactNode;
}

/** Something that opens the browser's dialog to choose files. */
export function FileButton<Multiple extends boolean = false>(
  properties: FileButtonProperties<Multiple>,
) {
  const { accept, multiple, resetRef, onChange, children } = properties;
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const open = () => {
    document.getElementById(id)?.click();
  };
  useImperativeHandle(resetRef, () => () => {
    if (input.current !== null) input.current.value = "";
  });
  return (
    <>
      <input
        ref={input}
        id={id}
        type="file"
        hidden
        accept={accept}
        multiple={multiple}
        onChange={({ currentTarget: { files } }) => {
          const chosen = multiple === true ? [...(files ?? [])] : (files?.[0] ?? null);
          onChange(chosen as Multiple extends true ? File[] : File | null);
        }}
      />
      {children({ onClick: open })}
    </>
  );
}
