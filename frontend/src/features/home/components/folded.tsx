// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

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
