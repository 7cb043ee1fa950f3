// SPDX-License-Identifier: MPL-2.0

import { ChevronRight } from "lucide-react";
import { useMemo, useState } from "react";

import { symbolication as texts } from "@/lib/texts/symbolication";

import { type Sources, useSources } from "../api/source-queries";
import type { Answer } from "../output/answer";
import { commonPrefixes, type Prefixes } from "../output/paths";
import { inModule, type ThreadView, threadViews } from "../output/stack-views";
import { Stack } from "./stack";
import classes from "./stack.module.css";

const MOST_OPEN = 3; // threads that crashed

interface Properties {
  answer: Answer;
  input: string;
  wraps: boolean;
}

/** All threads of an answer: those that crashed first and open, the others as a list. */
export function Threads({ answer, input, wraps }: Properties) {
  const views = useMemo(() => threadViews(answer), [answer]);
  const lines = useMemo(() => input.split("\n"), [input]);
  const prefixes = useMemo(
    () => commonPrefixes(answer.threads.flatMap((thread) => thread.frames)),
    [answer],
  );
  const sources = useSources(answer);
  const how = { prefixes, wraps, lines, sources };
  const crashed = views.filter((view) => view.crashed).length;
  const open = Math.min(Math.max(crashed, 1), MOST_OPEN);
  const rest = views.slice(open);
  return (
    <>
      {views.slice(0, open).map(({ key, title, frames }) => (
        <section key={key} aria-label={title ?? texts.stack}>
          {title !== null && <h3 className={classes["title"]}>{title}</h3>}
          <Stack frames={frames} {...how} />
        </section>
      ))}
      {rest.length > 0 && (
        <section aria-label={texts.otherThreads}>
          <h3 className={classes["title"]}>{texts.threadsLeft(rest.length)}</h3>
          <ul className={classes["threads"]}>
            {rest.map((view) => (
              <FoldedThread key={view.key} view={view} how={how} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

interface ThreadProperties {
  view: ThreadView;
  how: { prefixes: Prefixes; wraps: boolean; lines: readonly string[]; sources: Sources };
}

/** A thread on a line, with its top frame; its stack is drawn when it is opened. */
function FoldedThread({ view, how }: ThreadProperties) {
  const [isOpen, setIsOpen] = useState(false);
  const { title, frames } = view;
  const [top] = frames;
  return (
    <li>
      <details
        className={classes["thread"]}
        onToggle={(event) => setIsOpen(event.currentTarget.open)}
      >
        <summary>
          <ChevronRight size={16} aria-hidden />
          <strong>{title}</strong>
          <span className={classes["top"]} title={top === undefined ? undefined : nameOf(top)}>
            {top === undefined ? texts.noFrames : nameOf(top)}
          </span>
          <span className={classes["count"]}>{texts.frames(frames.length)}</span>
        </summary>
        {isOpen && (
          <section aria-label={title ?? texts.stack}>
            <Stack frames={frames} {...how} />
          </section>
        )}
      </details>
    </li>
  );
}

function nameOf(frame: ThreadView["frames"][number]): string {
  return frame.function ?? (inModule(frame) || texts.nothing);
}
