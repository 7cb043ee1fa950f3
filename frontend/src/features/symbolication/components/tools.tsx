// SPDX-License-Identifier: MPL-2.0

import { useEffect, useMemo, useState } from "react";

import { Group } from "@/components/ui/layout";
import { symbolication as texts } from "@/lib/texts/symbolication";

import type { Outcome } from "../api/symbolicate";
import { encodeFragment } from "../fragment";
import { asCurl, dumpAsCurl } from "../output/curl";
import { CopyTool } from "./copy-tool";
import classes from "./page.module.css";

/**
 * What can be copied of an answer. The link has the input in its fragment, which no server sees; a
 * minidump has none.
 */
export function Tools({ outcome }: { outcome: Outcome }) {
  const link = useLink(outcome.input);
  const { input, dump, guess } = outcome;
  const curl = useMemo(() => {
    const { origin } = window.location;
    return dump === null ? asCurl(input, guess, origin) : dumpAsCurl(dump.name, guess, origin);
  }, [input, dump, guess]);
  return (
    <Group gap="xs" className={classes["tools"]}>
      <CopyTool label={texts.copyText} text={outcome.text} />
      <CopyTool label={texts.copyJson} text={outcome.json} />
      <CopyTool label={texts.copyCurl} text={curl} />
      {dump === null &&
        (link === "too-long" ? (
          <span className={classes["quiet"]}>{texts.tooLongForLink}</span>
        ) : (
          <CopyTool label={texts.copyLink} text={link ?? ""} disabled={link === null} />
        ))}
    </Group>
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
