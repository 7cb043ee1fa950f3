// SPDX-License-Identifier: MPL-2.0

import { clsx } from "clsx";
import { X } from "lucide-react";
import { type ReactNode, useId, useLayoutEffect, useRef } from "react";

import { IconButton } from "./button";
import classes from "./overlay.module.css";

interface Properties {
  title: string;
  /** What its cross does. */
  close?: string;
  /** A question over the page, or a panel at the side of a narrow window. */
  kind?: "dialog" | "drawer";
  isLarge?: boolean;
  onClose: () => void;
  children: ReactNode;
}

/**
 * The browser's own dialog, open for as long as it is there: it keeps the focus within, and gives it back. Where
 * the focus came from may have gone with what was asked about: then it is at the content of the page.
 */
export function Dialog(properties: Properties) {
  const {
    title,
    close = "Close",
    kind = "dialog",
    isLarge = false,
    onClose,
    children,
  } = properties;
  const dialog = useRef<HTMLDialogElement>(null);
  const name = useId();
  useLayoutEffect(() => {
    const shown = dialog.current;
    if (shown === null) return;
    const opener = document.activeElement;
    shown.showModal();
    // By itself the browser would begin at the cross.
    const first = shown.querySelector<HTMLElement>("[data-autofocus]");
    (first ?? shown.querySelector<HTMLElement>("[data-paper]"))?.focus();
    return () => {
      shown.close();
      setTimeout(() => {
        if (document.activeElement !== null && document.activeElement !== document.body) return;
        const isThere = opener instanceof HTMLElement && opener.isConnected;
        (isThere ? opener : document.getElementById("main"))?.focus({ preventScroll: true });
      });
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
          <IconButton aria-label={close} className={classes["close"]} onClick={onClose}>
            <X size={18} aria-hidden />
          </IconButton>
        </div>
        {children}
      </div>
    </dialog>
  );
}
