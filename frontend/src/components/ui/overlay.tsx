// SPDX-License-Identifier: MPL-2.0

import { clsx } from "clsx";
import { X } from "lucide-react";
import { type ReactNode, useId, useLayoutEffect, useRef } from "react";

import { ActionIcon } from "./button";
import classes from "./overlay.module.css";

interface Properties {
  opened: boolean;
  onClose: () => void;
  title: ReactNode;
  closeButtonProps?: { "aria-label": string };
  children: ReactNode;
}

interface ModalProperties extends Properties {
  size?: "lg";
}

/** A question over the page, which waits for it. */
export function Modal({ size, ...properties }: ModalProperties) {
  return properties.opened ? (
    <Overlay {...properties} kind="dialog" isLarge={size === "lg"} />
  ) : null;
}

/** A panel at the side of a narrow window. */
export function Drawer(properties: Properties) {
  return properties.opened ? <Overlay {...properties} kind="drawer" isLarge={false} /> : null;
}

/** The browser's own dialog: it keeps the focus within, and gives it back. */
function Overlay({
  onClose,
  title,
  closeButtonProps,
  children,
  kind,
  isLarge,
}: Properties & { kind: "dialog" | "drawer"; isLarge: boolean }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const name = useId();
  useLayoutEffect(() => {
    const shown = dialog.current;
    if (shown === null) return;
    shown.showModal();
    // By itself the browser would begin at the cross.
    const first = shown.querySelector<HTMLElement>("[data-autofocus]");
    (first ?? shown.querySelector<HTMLElement>("[data-paper]"))?.focus();
    return () => {
      shown.close();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={name}
      className={clsx(classes[kind], isLarge && classes["large"])}
      onCancel={(event) => {
        event.preventDefault();
        if (event.target === event.currentTarget) onClose(); // and no list of files within
      }}
      onPointerDown={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <div className={classes["paper"]} data-paper tabIndex={-1}>
        <div className={classes["head"]}>
          <h2 id={name}>{title}</h2>
          <ActionIcon
            aria-label={closeButtonProps?.["aria-label"] ?? "Close"}
            className={classes["close"]}
            onClick={onClose}
          >
            <X size={18} aria-hidden />
          </ActionIcon>
        </div>
        {children}
      </div>
    </dialog>
  );
}
