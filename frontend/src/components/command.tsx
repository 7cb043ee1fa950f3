// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import { useCopy } from "@/lib/use-copy";

import "./command.css";

const words = { idle: "Copy", copied: "Copied", refused: "Select it" } as const;

/** One command line, whole and selectable, with a button that copies it. */
export function Command({ label, text }: { label: string; text: string }) {
  const [state, copy] = useCopy(text);
  return (
    <div className="command">
      <pre>
        <code>{text}</code>
      </pre>
      <button type="button" onClick={copy} aria-label={`${words[state]}: ${label}`}>
        {words[state]}
      </button>
    </div>
  );
}
