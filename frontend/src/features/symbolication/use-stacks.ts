// SPDX-License-Identifier: MPL-2.0

import { useCallback, useEffect, useEffectEvent, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";

import { useSymbolicate } from "./api/symbolicate";
import { decodeFragment, encodeFragment } from "./fragment";

/** What an entry of the history tells: its input has no address, and was asked for already. */
interface State {
  hasAsked: boolean;
}

/**
 * The input, a text or a minidump, and what the server answered to it.
 *
 * A text that is asked for is in the fragment of the page's address, so that each is a step in the history
 * and is asked for again by going back, by a reload and by a link. One that is too long has no address.
 */
export function useStacks() {
  const [input, setInput] = useState("");
  const [dump, setDump] = useState<File | null>(null);
  const [guess, setGuess] = useState(false);
  const [linkTrouble, setLinkTrouble] = useState<unknown>(null);
  const { mutate, reset, data: outcome, error, isPending: isAsking } = useSymbolicate();
  const location = useLocation();
  const navigate = useNavigate();

  const askFor = useEffectEvent((text: string) => {
    setInput(text);
    setDump(null);
    mutate({ input: text, dump: null, guess });
  });

  const { hash, key } = location;
  const hasAsked = (location.state as State | null)?.hasAsked === true;
  const isFirst = useRef(true);
  useEffect(() => {
    const isBack = !isFirst.current && hash === "" && !hasAsked;
    isFirst.current = false;
    let isCurrent = true;
    if (isBack) {
      setInput("");
      setDump(null);
      reset();
    }
    decodeFragment(hash).then(
      (text) => {
        if (!isCurrent || text === null) return;
        askFor(text);
      },
      (trouble: unknown) => {
        if (isCurrent) setLinkTrouble(trouble);
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [hash, key, hasAsked, reset]);

  /** Go to the address of a text, which asks for it; one without an address is asked for here. */
  async function ask(text: string) {
    if (text.trim() === "") return;
    setLinkTrouble(null);
    const fragment = await encodeFragment(text);
    if (fragment === null) {
      mutate({ input: text, dump: null, guess });
      go("", true);
    } else {
      go(fragment, false);
    }
  }

  /** Send a minidump, which there is nothing to be edited of, at once; the field is emptied for it. */
  function askDump(file: File) {
    setInput("");
    setDump(file);
    setLinkTrouble(null);
    mutate({ input: "", dump: file, guess });
    go("", true);
  }

  function go(fragment: string, isAsked: boolean) {
    const state: State = { hasAsked: isAsked };
    const replace = fragment === hash;
    void navigate({ search: location.search, hash: fragment }, { state, replace });
  }

  const change = useCallback((text: string) => {
    setInput(text);
    setDump(null);
  }, []);

  return {
    input,
    setInput: change,
    dump,
    askDump,
    guess,
    setGuess,
    isEmpty: input.trim() === "" && dump === null,
    submit: () => {
      if (dump === null) void ask(input);
      else askDump(dump);
    },
    /** Say which id a module has, as a line of the input, and ask again; a minidump has become a text. */
    addModule: (debugFile: string, debugId: string) => {
      const before = dump === null ? input : (outcome?.text ?? "");
      const text = `${before.trimEnd()}\n${debugFile} ${debugId}\n`;
      change(text);
      void ask(text);
    },
    isAsking,
    trouble: error ?? linkTrouble,
    outcome,
    isOld: outcome !== undefined && (outcome.input !== input || outcome.dump !== dump),
  };
}
