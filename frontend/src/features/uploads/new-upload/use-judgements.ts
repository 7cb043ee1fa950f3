// SPDX-License-Identifier: MPL-2.0

import { useEffect, useRef, useState } from "react";

import { newUpload } from "@/lib/texts/new-upload";

import { type LooseMember, layOut } from "../packing/lay-out";
import { type ArchiveRules, judgeArchive } from "../zip/judge";
import type { Judgement } from "../zip/judgement";
import type { Given } from "./form-state";

/** What was found of something that is to be uploaded: how far that is, or all of it. */
export type Judged =
  | { isReading: true; done: number; total: number }
  | { isReading: false; judgement: Judgement; members: readonly LooseMember[] };

/** Look into all that is given; a file that cannot be read counts as refused. */
export function useJudgements(
  given: readonly Given[],
  rules: ArchiveRules,
): (one: Given) => Judged {
  const [found, setFound] = useState<ReadonlyMap<number, Judged>>(new Map());
  const begun = useRef(new Set<number>());

  useEffect(() => {
    for (const one of given) {
      if (begun.current.has(one.id)) continue;
      begun.current.add(one.id);
      const note = (judged: Judged) => setFound((before) => new Map(before).set(one.id, judged));
      void judge(one, rules, note).then(note);
    }
  }, [given, rules]);

  return ({ id }) => found.get(id) ?? { isReading: true, done: 0, total: 0 };
}

async function judge(
  given: Given,
  rules: ArchiveRules,
  onRead: (judged: Judged) => void,
): Promise<Judged> {
  try {
    if (given.kind === "loose") {
      const total = given.files.length;
      const laidOut = await layOut(given.files, rules, throttled(total, onRead));
      return { isReading: false, ...laidOut };
    }
    const judgement = await judgeArchive(given.file, rules, (done, total) =>
      throttledTo(onRead, done, total),
    );
    return { isReading: false, judgement, members: [] };
  } catch {
    return { isReading: false, judgement: unreadable, members: [] };
  }
}

const STEPS = 100;

/** Whoever shows it need not be told of each of 20,000 files. */
function throttledTo(onRead: (judged: Judged) => void, done: number, total: number): void {
  if (done % Math.ceil(total / STEPS) === 0) onRead({ isReading: true, done, total });
}

function throttled(total: number, onRead: (judged: Judged) => void): (done: number) => void {
  return (done) => {
    if (done < total) throttledTo(onRead, done, total);
  };
}

const unreadable: Judgement = {
  members: [],
  stored: 0,
  ignored: 0,
  totalBytes: 0,
  refusals: [newUpload.unreadable],
};
