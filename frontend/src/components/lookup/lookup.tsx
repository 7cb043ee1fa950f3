// SPDX-License-Identifier: MPL-2.0

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useState } from "react";
import { useLocation, useNavigate } from "react-router";

import { Anchor } from "@/components/ui/anchor";
import { asApiError } from "@/lib/api/errors";
import { lookupQuery } from "@/lib/api/lookup-query";
import type { LookupAnswer } from "@/lib/api/schema";
import { signInUrlFor, useAuth } from "@/lib/auth/use-auth";
import { lookup as words } from "@/lib/texts/lookup";

import classes from "./lookup.module.css";
import { OptionText } from "./option-text";
import { type Option, optionsOf } from "./options";

const IDLE_MILLISECONDS = 150; // of typing, before the server is asked

interface Properties {
  /** Large on the front page, small in the top bar. */
  size?: "small" | "large";
  /** What it is filled in with, and tells about at once. */
  initial?: string;
  /** What is done when it leads somewhere, or is left by Escape. */
  onLeave?: () => void;
  autoFocus?: boolean;
}

/**
 * One box for whatever identifies a file or a module, in any form. It suggests while one types, and leads
 * to the file or the page of the module. By the combobox pattern of ARIA: the focus stays in the field.
 */
export function Lookup({ size = "small", initial = "", onLeave, autoFocus = false }: Properties) {
  const [typed, setTyped] = useState(initial);
  const [isOpen, setIsOpen] = useState(initial !== "");
  const [active, setActive] = useState(-1);
  const id = useId();
  const navigate = useNavigate();
  const client = useQueryClient();
  const text = typed.trim();
  const asked = useIdle(text, IDLE_MILLISECONDS);
  const { data, error, isFetching } = useQuery({ ...lookupQuery(asked), enabled: asked !== "" });
  const answer = text === "" ? undefined : data;
  const options = answer === undefined ? [] : optionsOf(answer);
  const isShown = isOpen && text !== "";
  const current = isShown ? options[active] : undefined;

  function follow({ path }: Option) {
    setTyped("");
    setIsOpen(false);
    setActive(-1);
    onLeave?.();
    void navigate(path);
  }

  /** Go where the text leads first, once that is known. */
  async function submit() {
    if (text === "") return;
    setIsOpen(true);
    try {
      const [first] = optionsOf(await client.query(lookupQuery(text)));
      if (first !== undefined) follow(first);
    } catch {
      // what is shown says why
    }
  }

  function onKeyDown(event: KeyboardEvent) {
    const count = options.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setIsOpen(true);
      if (count === 0) return;
      const step = event.key === "ArrowDown" ? 1 : -1;
      // Behind the last is the field itself, and then the first.
      setActive((at) => ((((at + 1 + step) % (count + 1)) + count + 1) % (count + 1)) - 1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (current === undefined) void submit();
      else follow(current);
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (isShown) setIsOpen(false);
      else if (typed !== "") setTyped("");
      else leave();
    }
  }

  function leave() {
    (document.activeElement as HTMLElement | null)?.blur();
    onLeave?.();
  }

  return (
    <div
      className={classes["lookup"]}
      data-size={size}
      role="search"
      aria-label={words.label}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setIsOpen(false);
      }}
    >
      <Search className={classes["icon"]} size={16} aria-hidden />
      <input
        className={classes["field"]}
        type="text"
        role="combobox"
        aria-label={words.label}
        aria-expanded={isShown}
        aria-controls={`${id}-options`}
        aria-autocomplete="list"
        aria-activedescendant={current === undefined ? undefined : `${id}-${String(active)}`}
        aria-keyshortcuts="/"
        data-lookup
        autoFocus={autoFocus}
        autoComplete="off"
        autoCapitalize="off"
        autoCorrect="off"
        spellCheck={false}
        enterKeyHint="search"
        placeholder={size === "large" ? words.placeholderLarge : words.placeholder}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setIsOpen(true);
          setActive(-1);
        }}
        onFocus={() => setIsOpen(true)}
        onKeyDown={onKeyDown}
      />
      {size === "small" && typed === "" && <kbd className={classes["key"]}>/</kbd>}
      <div className={classes["popup"]} hidden={!isShown}>
        <ul id={`${id}-options`} role="listbox" aria-label={words.results}>
          {options.map((option, at) => (
            <li
              key={`${option.kind} ${option.path} ${String(at)}`}
              id={`${id}-${String(at)}`}
              role="option"
              aria-selected={at === active}
              className={classes["option"]}
              onMouseDown={(event) => {
                event.preventDefault(); // the focus stays where it is
              }}
              onClick={() => follow(option)}
            >
              <OptionText option={option} />
            </li>
          ))}
        </ul>
        <Note answer={answer} error={error} isEmpty={options.length === 0} isBusy={isFetching} />
      </div>
      <p role="status" className={classes["heard"]}>
        {isShown && answer !== undefined && !isFetching ? words.announced(options.length) : ""}
      </p>
    </div>
  );
}

interface NoteProperties {
  answer: LookupAnswer | undefined;
  error: Error | null;
  isEmpty: boolean;
  isBusy: boolean;
}

/** Why there is nothing to choose, or not more. */
function Note({ answer, error, isEmpty, isBusy }: NoteProperties) {
  if (error !== null)
    return (
      <p className={classes["note"]}>
        {words.failed}: {asApiError(error).message}
      </p>
    );
  if (answer === undefined) return <p className={classes["note"]}>{words.searching}</p>;
  if (answer.needs_sign_in) return <SignInToSearch />;
  if (isEmpty) return <p className={classes["note"]}>{isBusy ? words.searching : words.nothing}</p>;
  return null;
}

/** What can be looked up without an account, and the way to the rest. */
function SignInToSearch() {
  const { signInUrl } = useAuth();
  const { pathname, search } = useLocation();
  return (
    <p className={classes["note"]}>
      {signInUrl === null ? (
        words.signInToSearch
      ) : (
        <Anchor href={signInUrlFor(signInUrl, pathname + search)} underline="always">
          {words.signInToSearch}
        </Anchor>
      )}
      {words.elseId}
    </p>
  );
}

/** Return a value once it has stayed the same for a moment. */
function useIdle(value: string, milliseconds: number): string {
  const [idle, setIdle] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setIdle(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return idle;
}
