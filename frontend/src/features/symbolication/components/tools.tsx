// SPDX-License-Identifier: MPL-2.0

import { Check, Copy, TextSelect } from "lucide-react";
import { useEffect, useMemo, useState } from "react";

import { Button } from "@/components/ui/button";
import { Switch } from "@/components/ui/checkbox";
import { lists } from "@/lib/texts/lists";
import { symbolication as texts } from "@/lib/texts/symbolication";
import { useCopy } from "@/lib/use-copy";

import type { Outcome } from "../api/symbolicate";
import { encodeFragment } from "../fragment";
import { asCurl, dumpAsCurl } from "../output/curl";
import classes from "./page.module.css";

interface Properties {
  outcome: Outcome;
  wraps: boolean;
  onWraps: ((wraps: boolean) => void) | undefined;
}

/**
 * What can be copied of an answer, and whether long lines are wrapped. The link has the input in its
 * fragment, which no server sees; where that is too long, and of a minidump, there is none.
 */
export function Tools({ outcome, wraps, onWraps }: Properties) {
  const { input, dump, guess } = outcome;
  const curl = useMemo(() => {
    const { origin } = window.location;
    return dump === null ? asCurl(input, guess, origin) : dumpAsCurl(dump.name, guess, origin);
  }, [input, dump, guess]);
  return (
    <div className={classes["tools"]}>
      <CopyTool label={texts.copyText} text={outcome.text} />
      <CopyTool label={texts.copyJson} text={outcome.json} />
      <CopyTool label={texts.copyCurl} text={curl} />
      {dump === null && <LinkTool input={input} />}
      {onWraps !== undefined && (
        <div className={classes["wraps"]}>
          <Switch
            label={texts.wrap}
            checked={wraps}
            onChange={(event) => onWraps(event.currentTarget.checked)}
          />
        </div>
      )}
    </div>
  );
}

function LinkTool({ input }: { input: string }) {
  const link = useLink(input);
  if (link !== "too-long")
    return <CopyTool label={texts.copyLink} text={link ?? ""} disabled={link === null} />;
  return (
    <span className={classes["quiet"]}>
      {texts.tooLongForLink}{" "}
      <button type="button" className={classes["act"]} onClick={() => saveAsFile(input)}>
        {texts.saveInput}
      </button>
    </span>
  );
}

/** Hand a text to the browser as a file. */
function saveAsFile(text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = "stack.txt";
  link.click();
  URL.revokeObjectURL(url);
}

const icons = { idle: Copy, copied: Check, refused: TextSelect } as const;

interface CopyProperties {
  /** What is copied: `Copy as text`. */
  label: string;
  text: string;
  disabled?: boolean;
}

/** A button that copies a text, and says for two seconds how it went; it keeps its width. */
function CopyTool({ label, text, disabled = false }: CopyProperties) {
  const [state, copy] = useCopy(text);
  const Icon = icons[state];
  const words = { idle: label, copied: lists.copied, refused: lists.copyRefused } as const;
  return (
    <Button
      variant="default"
      size="compact-sm"
      leftSection={<Icon size={14} aria-hidden />}
      disabled={disabled}
      aria-label={state === "idle" ? label : `${words[state]}: ${label}`}
      onClick={copy}
    >
      <span className={classes["roomy"]} data-room={label}>
        {words[state]}
      </span>
    </Button>
  );
}

/** Return the address that brings the input back; null until it is made. */
function useLink(input: string): string | null {
  const [link, setLink] = useState<{ input: string; link: string } | null>(null);
  useEffect(() => {
    let isCurrent = true;
    void encodeFragment(input).then((fragment) => {
      const { origin, pathname } = window.location;
      const made = fragment === null ? "too-long" : `${origin}${pathname}${fragment}`;
      if (isCurrent) setLink({ input, link: made });
    });
    return () => {
      isCurrent = false;
    };
  }, [input]);
  return link?.input === input ? link.link : null;
}
