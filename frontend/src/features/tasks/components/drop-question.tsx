// SPDX-License-Identifier: MPL-2.0

import { Question } from "@/components/question";
import type { TaskRow } from "@/lib/api/schema";
import { tasks } from "@/lib/texts/tasks";

const words = tasks.question;

interface Properties {
  what: TaskRow[] | "failed";
  onDrop: () => void;
  onClose: () => void;
}

/** Asks whether some tasks, or all that failed, should go. */
export function DropQuestion({ what, onDrop, onClose }: Properties) {
  const [first] = what === "failed" ? [] : what;
  const isOne = first !== undefined && what.length === 1;
  const title = isOne
    ? words.one(first.id)
    : what === "failed"
      ? words.all
      : words.some(what.length);
  return (
    <Question title={title} words={words} isFinal onSubmit={onDrop} onClose={onClose}>
      {isOne && <p>{first.name}</p>}
      <p>{words.text}</p>
    </Question>
  );
}
