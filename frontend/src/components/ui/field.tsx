// SPDX-License-Identifier: MPL-2.0

import { clsx } from "clsx";
import { type ReactNode, useId } from "react";

import classes from "./field.module.css";
import { type Margins, partMargins } from "./own-props";

export interface FieldProperties extends Margins {
  label?: ReactNode;
  /** What helps to fill it in. */
  description?: ReactNode;
  /** What is wrong with what was filled in. */
  error?: ReactNode;
  required?: boolean;
}

/** What an element to fill in says of itself, for those who do not see it. */
interface Described {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

interface Properties extends FieldProperties {
  id?: string | undefined;
  className?: string | undefined;
  children: (described: Described) => ReactNode;
}

/** A label, a help and an error around one element to fill in. */
export function Field({ id, className, children, ...properties }: Properties) {
  const [style, { label, description, error, required = false }] = partMargins(properties);
  const own = useId();
  const name = id ?? own;
  const isWrong = isShown(error);
  const told = [isShown(description) ? `${name}-description` : "", isWrong ? `${name}-error` : ""];
  return (
    <div className={clsx(classes["field"], className)} style={style}>
      {isShown(label) && (
        <label htmlFor={name} className={classes["label"]}>
          {label}
          {required && <span aria-hidden> *</span>}
        </label>
      )}
      {isShown(description) && (
        <div id={`${name}-description`} className={classes["description"]}>
          {description}
        </div>
      )}
      {children({
        id: name,
        "aria-describedby": told.join(" ").trim() || undefined,
        "aria-invalid": isWrong || undefined,
      })}
      {isWrong && (
        <div id={`${name}-error`} className={classes["error"]}>
          {error}
        </div>
      )}
    </div>
  );
}

/** Whether there is anything to see. */
export function isShown(node: ReactNode): boolean {
  return node !== undefined && node !== null && node !== false && node !== "";
}
