// SPDX-License-Identifier: MPL-2.0

import { useState } from "react";

import { symbolication as texts } from "@/lib/texts/symbolication";

import { foldName } from "../output/folded-names";
import classes from "./stack.module.css";

/** The name of a function; a long one is folded to its last part until it is clicked. */
export function FunctionName({ name }: { name: string }) {
  const [isOpen, setIsOpen] = useState(false);
  const folded = foldName(name);
  if (folded === null) return <span className={classes["function"]}>{name}</span>;
  return (
    <button
      type="button"
      className={classes["folded"]}
      aria-expanded={isOpen}
      title={isOpen ? texts.foldName : name}
      onClick={() => {
        setIsOpen(!isOpen);
      }}
    >
      {isOpen ? name : folded}
    </button>
  );
}
