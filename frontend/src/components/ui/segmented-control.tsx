// SPDX-License-Identifier: MPL-2.0

import { useId } from "react";

import classes from "./segmented-control.module.css";

interface Properties {
  "aria-label": string;
  value: string;
  data: readonly { value: string; label: string }[];
  onChange: (value: string) => void;
}

/** One of two or three choices, all of them seen. */
export function SegmentedControl({ value, data, onChange, ...rest }: Properties) {
  const name = useId();
  return (
    <div role="radiogroup" aria-label={rest["aria-label"]} className={classes["control"]}>
      {data.map((choice) => (
        <label key={choice.value} className={classes["choice"]}>
          <input
            type="radio"
            name={name}
            value={choice.value}
            checked={choice.value === value}
            onChange={() => onChange(choice.value)}
          />
          {choice.label}
        </label>
      ))}
    </div>
  );
}
