// SPDX-License-Identifier: MPL-2.0

import { X } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import { lists } from "@/lib/texts/lists";

import classes from "./filter-bar.module.css";
import type { ListFilter } from "./types";

interface Properties {
  filter: ListFilter;
  /** What it is now; empty of one that was just added. */
  value: string;
  /** Whether it is a field just now, and what that begins with where that is another value. */
  editing: { value: string } | null;
  /** Whether the server refused it: it is a field then, too. */
  isRefused: boolean;
  /** The id of the text that says what can be typed, or what was wrong. */
  describedBy: string;
  onEdit: () => void;
  /** With the value that it has then; empty removes it. `byKey`: whether one goes on typing. */
  onDone: (value: string, byKey: boolean) => void;
}

/** A condition of a list: `Size >= 10mb`. Its text makes it a field; its cross removes it. */
export function FilterChip(properties: Properties) {
  const { filter, value, editing, isRefused, onEdit, onDone } = properties;
  const shown = shownValue(filter, value);
  return (
    <li className={classes["chip"]} data-refused={isRefused}>
      {editing !== null || isRefused ? (
        <ChipField key={editing?.value ?? value} {...properties} />
      ) : (
        <button
          type="button"
          className={classes["text"]}
          aria-label={lists.changeFilter(filter.label, shown)}
          title={`${filter.label} ${shown}`}
          onClick={onEdit}
        >
          <span className={classes["column"]}>{filter.label}</span> {shown}
        </button>
      )}
      <button
        type="button"
        className={classes["remove"]}
        aria-label={lists.removeFilter(filter.label, shown)}
        onClick={() => onDone("", true)}
      >
        <X size={14} aria-hidden />
      </button>
    </li>
  );
}

function ChipField({ filter, value, editing, isRefused, describedBy, onDone }: Properties) {
  const field = useRef<HTMLInputElement & HTMLSelectElement>(null);
  const [typed, setTyped] = useState(editing?.value ?? value);
  const isAsked = editing !== null;
  useEffect(() => {
    if (isAsked) field.current?.focus();
  }, [isAsked]);
  const common = {
    ref: field,
    value: typed,
    "aria-invalid": isRefused,
    "aria-describedby": describedBy,
    "data-filter": filter.name,
    onBlur: () => onDone(typed, false),
    onKeyDown: (event: React.KeyboardEvent) => {
      if (event.key === "Enter") onDone(typed, true);
      if (event.key === "Escape") onDone(value, true);
      if (event.key === "Backspace" && typed === "") {
        event.preventDefault();
        onDone("", true);
      }
    },
  };
  return (
    <label className={classes["field"]}>
      <span className={classes["column"]}>{filter.label}</span>
      {filter.choices === undefined ? (
        <input
          {...common}
          type="text"
          size={Math.min(30, Math.max(12, typed.length + 2))}
          placeholder={filter.placeholder}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      ) : (
        <select {...common} onChange={(event) => setTyped(event.currentTarget.value)}>
          <option value="">{lists.any}</option>
          {filter.choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
          {typed !== "" && filter.choices.every((choice) => choice.value !== typed) && (
            <option value={typed}>{typed}</option>
          )}
        </select>
      )}
    </label>
  );
}

/** Return what a value is called among the choices, where there are some. */
export function shownValue(filter: ListFilter, value: string): string {
  return filter.choices?.find((choice) => choice.value === value)?.label ?? value;
}
