// SPDX-License-Identifier: MPL-2.0

import { ListFilter as FilterIcon, Search, X } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";

import { asApiError } from "@/lib/api/errors";
import { lists } from "@/lib/texts/lists";

import classes from "./filter-bar.module.css";
import { FilterChip } from "./filter-chip";
import { begunCondition, completionsOf, readTyped, valueBegunIn, withoutLastWord } from "./typed";
import type { ListFilter } from "./types";
import { type ListState, SEARCH } from "./use-list-state";

const PAUSE_MILLISECONDS = 600;

interface Properties {
  /** What the list has: `uploads`. */
  noun: string;
  filters: readonly ListFilter[];
  state: ListState;
  error: Error | null;
  /** What stands on the line under the field, where that has nothing to say. */
  children: ReactNode;
}

/** The one field above a list: free text, and conditions on columns as chips. */
export function FilterBar({ noun, filters, state, error, children }: Properties) {
  const bar = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const note = useId();
  const [editing, setEditing] = useState<{ name: string; value: string } | null>(null);
  const [isUnsearchable, setUnsearchable] = useState(false);

  const problems = error === null ? {} : asApiError(error).fields;
  const refused = Object.keys(problems).find((name) => name in state.filters);
  useEffect(() => {
    if (refused === undefined || !bar.current?.contains(document.activeElement)) return;
    bar.current.querySelector<HTMLElement>(`[data-filter="${refused}"]`)?.focus();
  }, [refused]);

  const shown = filters.filter(({ name }) => name in state.filters || name === editing?.name);
  const edited = filters.find(({ name }) => name === editing?.name);
  const said =
    refused !== undefined
      ? (problems[refused]?.join(", ") ?? "")
      : edited !== undefined
        ? hintOf(edited)
        : isUnsearchable
          ? lists.chooseColumn(filters.map(({ label }) => label).join(", "))
          : "";

  function finish(name: string, value: string, byKey: boolean) {
    setEditing(null);
    if (value.trim() !== (state.filters[name] ?? "")) state.setFilters({ [name]: value });
    if (byKey) input.current?.focus();
  }

  return (
    <section aria-label={lists.filters} className={classes["filters"]}>
      <div ref={bar} className={classes["bar"]} data-refused={refused !== undefined}>
        <Search size={16} aria-hidden className={classes["icon"]} />
        {shown.length > 0 && (
          <ul className={classes["chips"]} aria-label={lists.activeFilters}>
            {shown.map((filter) => (
              <FilterChip
                key={filter.name}
                filter={filter}
                value={state.filters[filter.name] ?? ""}
                editing={filter.name === editing?.name ? editing : null}
                isRefused={filter.name in problems && filter.name in state.filters}
                describedBy={note}
                onEdit={() =>
                  setEditing({ name: filter.name, value: state.filters[filter.name] ?? "" })
                }
                onDone={(value, byKey) => finish(filter.name, value, byKey)}
              />
            ))}
          </ul>
        )}
        <SearchField
          ref={input}
          noun={noun}
          filters={filters}
          state={state}
          describedBy={note}
          isRefused={refused === SEARCH || isUnsearchable}
          onEdit={(filter, value) =>
            setEditing({ name: filter.name, value: value ?? state.filters[filter.name] ?? "" })
          }
          onUnsearchable={setUnsearchable}
        />
        {Object.keys(state.filters).length > 0 && (
          <button type="button" className={classes["clear"]} onClick={state.clearFilters}>
            <X size={16} aria-hidden />
            <span>{lists.clearFilters}</span>
          </button>
        )}
      </div>
      <div className={classes["under"]}>
        <p id={note} aria-live="polite" data-refused={refused !== undefined || isUnsearchable}>
          {said}
        </p>
        {said === "" && children}
      </div>
    </section>
  );
}

interface SearchProperties extends Pick<Properties, "noun" | "filters" | "state"> {
  ref: React.RefObject<HTMLInputElement | null>;
  describedBy: string;
  isRefused: boolean;
  /** Somebody wants to type a condition on a column, which may have begun. */
  onEdit: (filter: ListFilter, value?: string) => void;
  onUnsearchable: (isIt: boolean) => void;
}

/** Free text. A column's name is completed, and becomes a chip when its colon or operator is typed. */
function SearchField(properties: SearchProperties) {
  const { ref, noun, filters, state, describedBy, isRefused, onEdit, onUnsearchable } = properties;
  const search = state.filters[SEARCH] ?? "";
  const options = useId();
  const [text, setText] = useState(search);
  const [applied, setApplied] = useState(search);
  const [listed, setListed] = useState<"typed" | "all" | null>(null);
  const [at, setAt] = useState(-1);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  if (search !== applied) {
    setApplied(search); // the address has changed, by a link or by going back
    setText(search);
  }
  useEffect(() => () => clearTimeout(timer.current), []);

  const choices = listed === null ? [] : listed === "all" ? filters : completionsOf(text, filters);
  const isOpen = choices.length > 0;

  function apply(given: string) {
    clearTimeout(timer.current);
    const typed = readTyped(given, filters);
    const isUnsearchable = typed.search !== "" && !state.isSearchable;
    onUnsearchable(isUnsearchable);
    const changes = { ...typed.values, ...(state.isSearchable && { [SEARCH]: typed.search }) };
    if (Object.entries(changes).some(([name, value]) => value !== (state.filters[name] ?? ""))) {
      state.setFilters(changes);
    }
    setText(typed.search);
  }

  function change(given: string) {
    clearTimeout(timer.current);
    onUnsearchable(false);
    const begun = begunCondition(given, filters);
    if (begun !== null) {
      setListed(null);
      setText(begun.rest);
      onEdit(begun.filter, begun.value || undefined);
      return;
    }
    setText(given);
    setAt(-1);
    setListed("typed");
    if (completionsOf(given, filters).length > 0) return;
    timer.current = setTimeout(() => apply(given), PAUSE_MILLISECONDS);
  }

  function choose(filter: ListFilter) {
    const value = listed === "typed" ? valueBegunIn(text, filter) : undefined;
    const rest = listed === "typed" ? withoutLastWord(text) : text;
    setText(rest);
    setListed(null);
    if (value === undefined) onEdit(filter);
    else state.setFilters({ [filter.name]: value, ...(state.isSearchable && { [SEARCH]: rest }) });
  }

  function onKeyDown(event: KeyboardEvent) {
    const chosen = isOpen ? choices[at] : undefined;
    if (event.key === "Enter") {
      if (chosen !== undefined) choose(chosen);
      else {
        setListed(null);
        apply(text);
      }
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen) {
        setListed("all");
        setAt(0);
      } else {
        const step = event.key === "ArrowDown" ? 1 : -1;
        setAt((at + step + choices.length) % choices.length);
      }
    } else if (event.key === "Escape") {
      setListed(null);
    } else if (event.key === "Backspace" && text === "") {
      const last = filters.findLast(({ name }) => name in state.filters);
      if (last === undefined) return;
      event.preventDefault();
      onEdit(last);
    }
  }

  return (
    <>
      <input
        ref={ref}
        type="text"
        role="combobox"
        className={classes["search"]}
        aria-label={lists.filterWhat(noun)}
        aria-expanded={isOpen}
        aria-autocomplete="list"
        aria-controls={options}
        aria-activedescendant={isOpen && at >= 0 ? `${options}-${String(at)}` : undefined}
        aria-invalid={isRefused}
        aria-describedby={describedBy}
        data-filter={SEARCH}
        data-page-filter
        placeholder={placeholderOf(noun, filters, state)}
        value={text}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => change(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        onBlur={() => {
          setListed(null);
          if (text.trim() !== search) apply(text);
        }}
      />
      <button
        type="button"
        className={classes["add"]}
        aria-label={lists.addFilter}
        aria-haspopup="listbox"
        aria-expanded={isOpen && listed === "all"}
        onMouseDown={(event) => {
          event.preventDefault(); // the field keeps the focus, or gets it
        }}
        onClick={() => {
          ref.current?.focus();
          setListed(listed === "all" ? null : "all");
          setAt(0);
        }}
      >
        <FilterIcon size={16} aria-hidden />
        <span>{lists.addFilter}</span>
      </button>
      <ul
        id={options}
        role="listbox"
        aria-label={lists.columns}
        className={classes["options"]}
        hidden={!isOpen}
      >
        {choices.map((filter, index) => (
          <li
            key={filter.name}
            id={`${options}-${String(index)}`}
            role="option"
            aria-selected={index === at}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => choose(filter)}
          >
            <strong>{filter.label}</strong>
            <span>{exampleOf(filter)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function placeholderOf(noun: string, filters: readonly ListFilter[], state: ListState): string {
  if (Object.keys(state.filters).length > 0) return "";
  const filter = filters.find((one) => one.placeholder !== undefined);
  const example = filter === undefined ? "" : `${filter.label.toLowerCase()}: ${exampleOf(filter)}`;
  return state.isSearchable ? lists.searchWhat(noun, example) : example;
}

function exampleOf({ placeholder, choices }: ListFilter): string {
  return placeholder ?? choices?.map((choice) => choice.label).join(", ") ?? "";
}

function hintOf({ kind = "text", choices }: ListFilter): string {
  return choices === undefined ? lists.hints[kind] : lists.hintChoose;
}
