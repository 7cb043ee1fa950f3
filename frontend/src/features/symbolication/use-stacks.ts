// SPDX-License-Identifier: MPL-2.0

import { useCallback, useEffect, useState } from "react";
import { useLocation } from "react-router";

import { useSymbolicate } from "./api/symbolicate";
import { decodeFragment, encodeFragment } from "./fragment";

/** The input, and what the server answered to it. */
export function useStacks() {
  const [input, setInput] = useState("");
  const [guess, setGuess] = useState(false);
  const [linkTrouble, setLinkTrouble] = useState<unknown>(null);
  const { mutate, data: outcome, error, isPending: isAsking } = useSymbolicate();

  // A link has the input in its fragment: it is asked for at once.
  const { hash } = useLocation();
  useEffect(() => {
    let isCurrent = true;
    decodeFragment(hash).then(
      (text) => {
        if (!isCurrent || text === null) return;
        setInput(text);
        mutate({ input: text, guess: false });
      },
      (trouble: unknown) => {
        if (isCurrent) setLinkTrouble(trouble);
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [hash, mutate]);

  const ask = useCallback(
    (text: string) => {
      if (text.trim() === "") return;
      setLinkTrouble(null);
      mutate({ input: text, guess });
      void keepInAddress(text);
    },
    [mutate, guess],
  );

  return {
    input,
    setInput,
    guess,
    setGuess,
    submit: () => {
      ask(input);
    },
    /** Say which id a module has, as a line of the input, and ask again. */
    addModule: (debugFile: string, debugId: string) => {
      const text = `${input.trimEnd()}\n${debugFile} ${debugId}\n`;
      setInput(text);
      ask(text);
    },
    isAsking,
    trouble: error ?? linkTrouble,
    outcome,
  };
}

/** Put the input into the address of the page, so that it is there again after a reload. */
async function keepInAddress(input: string): Promise<void> {
  const fragment = (await encodeFragment(input)) ?? "";
  const { pathname, search } = window.location;
  window.history.replaceState(window.history.state, "", `${pathname}${search}${fragment}`);
}
