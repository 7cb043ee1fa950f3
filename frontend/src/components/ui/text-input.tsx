// SPDX-License-Identifier: MPL-2.0

import { clsx } from "clsx";
import type { ComponentPropsWithRef } from "react";

import { Field, type FieldProperties } from "./field";
import classes from "./field.module.css";

interface Look extends FieldProperties {
  classNames?: { input?: string };
  className?: string;
  /** Other data for scripts and tests. */
  [data: `data-${string}`]: unknown;
}

type TextInputProperties = Omit<ComponentPropsWithRef<"input">, keyof Look> & Look;

/** One line to fill in. */
export function TextInput(properties: TextInputProperties) {
  const [field, { classNames, id, required, ...rest }] = part(properties);
  return (
    <Field {...field} id={id} {...(required !== undefined && { required })}>
      {(described) => (
        <input
          type="text"
          required={required}
          className={clsx(classes["input"], classNames?.input)}
          {...described}
          {...rest}
        />
      )}
    </Field>
  );
}

type TextareaProperties = Omit<ComponentPropsWithRef<"textarea">, keyof Look> &
  Look & { minRows?: number };

/** Several lines to fill in. */
export function Textarea({ minRows, ...properties }: TextareaProperties) {
  const [field, { classNames, id, required, ...rest }] = part(properties);
  return (
    <Field {...field} id={id} {...(required !== undefined && { required })}>
      {(described) => (
        <textarea
          rows={minRows}
          required={required}
          className={clsx(classes["input"], classes["area"], classNames?.input)}
          {...described}
          {...rest}
        />
      )}
    </Field>
  );
}

/** Part what belongs to the field from what belongs to the element in it. */
export function part<Properties extends FieldProperties & { className?: string }>(
  properties: Properties,
) {
  const { label, description, error, mt, mb, my, mr, maw, className, ...rest } = properties;
  const given = { label, description, error, mt, mb, my, mr, maw, className };
  const field = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as FieldProperties & { className?: string };
  return [field, rest] as const;
}
