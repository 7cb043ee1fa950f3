// SPDX-License-Identifier: MPL-2.0

import { clsx } from "clsx";
import { ChevronDown } from "lucide-react";
import type { ComponentPropsWithRef } from "react";

import { Field, type FieldProperties } from "./field";
import classes from "./field.module.css";
import { part } from "./text-input";

interface Look extends FieldProperties {
  data: readonly (string | { value: string; label: string })[];
  className?: string;
  [data: `data-${string}`]: unknown;
}

type Properties = Omit<ComponentPropsWithRef<"select">, keyof Look> & Look;

/** One of some choices, in the browser's own list. */
export function NativeSelect(properties: Properties) {
  const [field, { data, id, ...rest }] = part(properties);
  return (
    <Field {...field} id={id}>
      {(described) => (
        <div className={classes["choice"]}>
          <select className={clsx(classes["input"])} {...described} {...rest}>
            {data.map((choice) => {
              const { value, label } =
                typeof choice === "string" ? { value: choice, label: choice } : choice;
              return (
                <option key={value} value={value}>
                  {label}
                </option>
              );
            })}
          </select>
          <ChevronDown size={16} aria-hidden />
        </div>
      )}
    </Field>
  );
}
