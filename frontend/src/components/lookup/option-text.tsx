// SPDX-License-Identifier: MPL-2.0

import { shortenedInTheMiddle } from "@/lib/format/middle";
import { lookup as words } from "@/lib/texts/lookup";

import { Size } from "../size";
import { Status } from "../status";
import { Time } from "../time";
import classes from "./lookup.module.css";
import type { Option } from "./options";

/** What a suggestion is: its name, its id, and what tells it from others. */
export function OptionText({ option }: { option: Option }) {
  return (
    <>
      <span className={classes["name"]}>{option.name}</span>
      {option.kind !== "name" && (
        <code className={classes["id"]} title={option.id}>
          {shortenedInTheMiddle(option.id, 8, 5)}
        </code>
      )}
      <span className={classes["about"]}>
        <About option={option} />
      </span>
    </>
  );
}

function About({ option }: { option: Option }) {
  switch (option.kind) {
    case "key":
      return (
        <>
          <Status name={option.isFound ? "found" : "missing"} />
          {option.size !== null && <Size bytes={option.size} />}
        </>
      );
    case "name":
      return (
        <>
          <span>{words.ids(option.ids)}</span>
          <span>
            {words.newest} <Time value={option.newest} />
          </span>
        </>
      );
    case "file":
      return (
        <>
          {option.isTry && <span>{words.try}</span>}
          <Time value={option.created} />
        </>
      );
  }
}
