// SPDX-License-Identifier: MPL-2.0

import { CopyButton } from "./copy-button";
import classes from "./code-block.module.css";

/** A text for a terminal or a file, whole and selectable, with a button that copies it. */
export function CodeBlock({ label, text }: { label: string; text: string }) {
  return (
    <div className={classes["block"]}>
      <pre>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} label={label} />
    </div>
  );
}
