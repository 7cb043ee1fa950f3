// SPDX-License-Identifier: MPL-2.0

import { type ReactNode, useState } from "react";

import classes from "./home.module.css";

interface Properties {
  title: string;
  /** What is in it, in a few words. */
  note: string;
  children: ReactNode;
}

/** Something that few need: it is asked for when it is opened. */
export function Folded({ title, note, children }: Properties) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details
      className={classes["folded"]}
      onToggle={(event) => {
        setIsOpen(event.currentTarget.open);
      }}
    >
      <summary>
        <strong>{title}</strong> <span>{note}</span>
      </summary>
      {isOpen && children}
    </details>
  );
}
