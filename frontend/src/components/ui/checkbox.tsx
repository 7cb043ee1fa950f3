// SPDX-License-Identifier: MPL-2.0

import { type ComponentPropsWithRef, createContext, type ReactNode, use, useId } from "react";

import classes from "./checkbox.module.css";
import { isShown } from "./field";

interface Look {
  label: ReactNode;
  description?: ReactNode;
  error?: ReactNode;
}

type Properties = Omit<ComponentPropsWithRef<"input">, keyof Look | "type"> & Look;

const Chosen = createContext<{ value: string[]; onChange: (value: string[]) => void } | null>(null);

/** A thing that is so or is not; in a group, one of several. */
function Root(properties: Properties) {
  const group = use(Chosen);
  const { value } = properties;
  if (group === null || typeof value !== "string") return <Box {...properties} />;
  return (
    <Box
      {...properties}
      checked={group.value.includes(value)}
      onChange={({ currentTarget: { checked } }) => {
        const others = group.value.filter((one) => one !== value);
        group.onChange(checked ? [...others, value] : others);
      }}
    />
  );
}

/** The same, for what is at once so when it is switched. */
export function Switch(properties: Properties) {
  return <Box role="switch" {...properties} />;
}

function Box({ label, description, error, id, ...rest }: Properties) {
  const own = useId();
  const name = id ?? own;
  const told = [
    isShown(description) ? `${name}-description` : "",
    isShown(error) ? `${name}-error` : "",
  ];
  return (
    <div className={classes["box"]}>
      <input
        type="checkbox"
        id={name}
        aria-describedby={told.join(" ").trim() || undefined}
        aria-invalid={isShown(error) || undefined}
        className={classes["input"]}
        {...rest}
      />
      <div className={classes["words"]}>
        <label htmlFor={name} className={classes["label"]}>
          {label}
        </label>
        {isShown(description) && (
          <div id={`${name}-description`} className={classes["description"]}>
            {description}
          </div>
        )}
        {isShown(error) && (
          <div id={`${name}-error`} className={classes["error"]}>
            {error}
          </div>
        )}
      </div>
    </div>
  );
}

interface GroupProperties {
  label: ReactNode;
  description?: ReactNode;
  error?: ReactNode;
  value: string[];
  onChange: (value: string[]) => void;
  children: ReactNode;
}

function Group({ label, description, error, value, onChange, children }: GroupProperties) {
  const name = useId();
  const told = [
    isShown(description) ? `${name}-description` : "",
    isShown(error) ? `${name}-error` : "",
  ];
  return (
    <Chosen value={{ value, onChange }}>
      <div
        role="group"
        aria-labelledby={name}
        aria-describedby={told.join(" ").trim() || undefined}
      >
        <div id={name} className={classes["label"]}>
          {label}
        </div>
        {isShown(description) && (
          <div id={`${name}-description`} className={classes["description"]}>
            {description}
          </div>
        )}
        {children}
        {isShown(error) && (
          <div id={`${name}-error`} className={classes["error"]}>
            {error}
          </div>
        )}
      </div>
    </Chosen>
  );
}

export const Checkbox = Object.assign(Root, { Group });
