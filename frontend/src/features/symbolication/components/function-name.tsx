// SPDX-License-Identifier: MPL-2.0

import { useState } from "react";

import { symbolication as texts } from "@/lib/texts/symbolication";

import { foldName, type NamePart } from "../output/folded-names";
import classes from "./stack.module.css";

/** The name of a function; of a long one the arguments of templates are chips until one is clicked. */
export function FunctionName({ name }: { name: string }) {
  const parts = foldName(name);
  if (parts === null) return <span className={classes["function"]}>{name}</span>;
  return <FoldedName name={name} parts={parts} />;
}

function FoldedName({ name, parts }: { name: string; parts: NamePart[] }) {
  const [isOpen, setIsOpen] = useState(false);
  const toggle = () => setIsOpen(!isOpen);
  if (isOpen) {
    return (
      <span className={classes["function"]}>
        {name} <Chip text="›‹" label={texts.foldName} isOpen onClick={toggle} />
      </span>
    );
  }
  const first = parts.findIndex((part) => part.isLeftOut);
  return (
    <span className={classes["function"]} title={name}>
      {parts.map(({ text, isLeftOut }, at) => {
        if (!isLeftOut) return text;
        if (at === first)
          return (
            <Chip key={at} text={chipOf(text)} label={texts.wholeName(name)} onClick={toggle} />
          );
        return (
          <span key={at} className={classes["chip"]} onClick={toggle}>
            {chipOf(text)}
          </span>
        );
      })}
    </span>
  );
}

interface ChipProperties {
  text: string;
  label: string;
  isOpen?: boolean;
  onClick: () => void;
}

function Chip({ text, label, isOpen = false, onClick }: ChipProperties) {
  return (
    <button
      type="button"
      className={classes["chip"]}
      aria-label={label}
      aria-expanded={isOpen}
      onClick={onClick}
    >
      {text}
    </button>
  );
}

/** Return `‹…›` for `<…>`, so that it is told from what the name itself has. */
function chipOf(text: string): string {
  return text.replace("<", "‹").replace(">", "›");
}
