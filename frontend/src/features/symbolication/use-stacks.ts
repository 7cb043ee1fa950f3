// SPDX-License-Identifier: MPL-2.0

import { useCallback, useEffect, useState } from "react";
import { useLocation } from "react-router";

import { useSymbolicate } from "./api/symbolicate";
import { decodeFragment, encodeFragment } from "./fragment";

/** The input, a text or a minidump, and what the server answered to it. */
export function useStacks() {
  const [input, setInput] = useState("");
  const [dump, setDump] = useState<File | null>(null);
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
        mutate({ input: text, dump: null, guess: false });
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
      mutate({ input: text, dump: null, guess });
      void keepInAddress(text);
    },
    [mutate, guess],
  );

  /** Send a minidump, which there is nothing to be edited of, at once; the field is emptied for it. */
  const askDump = useCallback(
    (file: File) => {
      setInput("");
      setDump(file);
      setLinkTrouble(null);
      mutate({ input: "", dump: file, guess });
      putInAddress("");
    },
    [mutate, guess],
  );

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
      if (dump === null) ask(input);
      else askDump(dump);
    },
    /** Say which id a module has, as a line of the input, and ask again; a minidump has become a text. */
    addModule: (debugFile: string, debugId: string) => {
      const before = dump === null ? input : (outcome?.text ?? "");
      const text = `${before.trimEnd()}\n${debugFile} ${debugId}\n`;
      change(text);
      ask(text);
    },
    isAsking,
    trouble: error ?? linkTrouble,
    outcome,
    isOld: outcome !== undefined && (outcome.input !== input || outcome.dump !== dump),
  };
}

/** Put the input into the address of the page, so that it is there again after a reload. */
async function keepInAddress(input: string): Promise<void> {
  putInAddress((await encodeFragment(input)) ?? "");
}

function putInAddress(fragment: string): void {
  const { pathname, search } = window.location;
  window.history.replaceState(window.history.state, "", `${pathname}${search}${fragment}`);
}
