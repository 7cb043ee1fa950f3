// SPDX-License-Identifier: MPL-2.0

import { useCallback, useDeferredValue, useEffect, useMemo, useState } from "react";
import { useLocation } from "react-router";

import { useSymbolicate } from "./api/symbolicate";
import { decodeFragment, encodeFragment } from "./fragment";
import { understand } from "./input/understand";

/** The input, what is understood of it, and what the server answered to it. */
export function useStacks() {
  const [input, setInput] = useState("");
  const [linkTrouble, setLinkTrouble] = useState<unknown>(null);
  const { mutate, data: outcome, error, isPending: isAsking } = useSymbolicate();
  const deferred = useDeferredValue(input);
  const understood = useMemo(() => understand(deferred), [deferred]);

  const ask = useCallback(
    (text: string) => {
      const { request, stacks } = understand(text);
      if (request !== null) mutate({ input: text, request, stacks });
    },
    [mutate],
  );

  // A link has the input in its fragment: it is asked for at once.
  const { hash } = useLocation();
  useEffect(() => {
    let isCurrent = true;
    decodeFragment(hash).then(
      (text) => {
        if (!isCurrent || text === null) return;
        setInput(text);
        ask(text);
      },
      (trouble: unknown) => {
        if (isCurrent) setLinkTrouble(trouble);
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [hash, ask]);

  function submit() {
    setLinkTrouble(null);
    ask(input);
    void keepInAddress(input);
  }

  return {
    input,
    setInput,
    understood,
    submit,
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
