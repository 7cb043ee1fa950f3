// SPDX-License-Identifier: MPL-2.0

import { useEffect, useRef, useState } from "react";

import { NativeSelect } from "@/components/ui/select";
import { TextInput } from "@/components/ui/text-input";
import { lists } from "@/lib/texts/lists";

import type { ListFilter } from "./types";

const PAUSE_MILLISECONDS = 600;

interface Properties {
  filter: ListFilter;
  value: string;
  error: string | undefined;
  isFirst: boolean;
  onChange: (value: string) => void;
}

/** One field: applied on Enter, when it is left, or after a pause. */
export function FilterField({ filter, value, error, isFirst, onChange }: Properties) {
  const { label, placeholder, choices } = filter;
  if (choices !== undefined) {
    return (
      <NativeSelect
        label={label}
        value={value}
        error={error}
        data={[{ value: "", label: lists.any }, ...choices]}
        onChange={(event) => {
          onChange(event.currentTarget.value);
        }}
        {...(isFirst && { "data-page-filter": true })}
      />
    );
  }
  return <TypedField {...{ label, placeholder, value, error, isFirst, onChange }} />;
}

interface TypedProperties extends Omit<Properties, "filter"> {
  label: string;
  placeholder: string | undefined;
}

function TypedField({ label, placeholder, value, error, isFirst, onChange }: TypedProperties) {
  const [typed, setTyped] = useState(value);
  const [applied, setApplied] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  if (value !== applied) {
    setApplied(value); // the address has changed, by a chip or by going back
    setTyped(value);
  }
  useEffect(
    () => () => {
      clearTimeout(timer.current);
    },
    [],
  );

  function apply(text: string) {
    clearTimeout(timer.current);
    if (text.trim() !== value) onChange(text);
  }

  return (
    <TextInput
      label={label}
      placeholder={placeholder ?? ""}
      value={typed}
      error={error}
      autoComplete="off"
      spellCheck={false}
      onChange={(event) => {
        const text = event.currentTarget.value;
        setTyped(text);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => {
          apply(text);
        }, PAUSE_MILLISECONDS);
      }}
      onBlur={() => {
        apply(typed);
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") apply(typed);
      }}
      {...(isFirst && { "data-page-filter": true })}
    />
  );
}
