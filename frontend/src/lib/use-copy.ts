// SPDX-License-Identifier: MPL-2.0

import { useEffect, useState } from "react";

type CopyState = "idle" | "copied" | "refused";

const SHOWN_MILLISECONDS = 2000;

/**
 * Copy a text to the clipboard, and say for two seconds how it went.
 *
 * Browsers have no clipboard on a plain http page of another host, and may refuse elsewhere.
 */
export function useCopy(text: string): [CopyState, () => void] {
  const [state, setState] = useState<CopyState>("idle");

  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), SHOWN_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [state]);

  function copy() {
    // `undefined` on insecure pages, whatever the type says.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    if (clipboard === undefined) {
      setState("refused");
      return;
    }
    clipboard.writeText(text).then(
      () => setState("copied"),
      () => setState("refused"),
    );
  }

  return [state, copy];
}
