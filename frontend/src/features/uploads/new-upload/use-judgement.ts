// SPDX-License-Identifier: MPL-2.0

import { useEffect, useState } from "react";

import { newUpload } from "@/lib/texts/new-upload";

import { type ArchiveRules, judgeArchive } from "../zip/judge";
import type { Judgement } from "../zip/judgement";

interface Judged {
  file: File;
  judgement: Judgement;
}

/** Look into an archive; a file that cannot be read counts as refused. */
export function useJudgement(
  file: File | null,
  rules: ArchiveRules,
): { judgement: Judgement | undefined; isReading: boolean } {
  const [judged, setJudged] = useState<Judged | null>(null);

  useEffect(() => {
    if (file === null) return;
    let isWanted = true;
    void judgeArchive(file, rules)
      .catch((): Judgement => unreadable)
      .then((judgement) => {
        if (isWanted) setJudged({ file, judgement });
      });
    return () => {
      isWanted = false;
    };
  }, [file, rules]);

  const judgement = judged !== null && judged.file === file ? judged.judgement : undefined;
  return { judgement, isReading: file !== null && judgement === undefined };
}

const unreadable: Judgement = {
  members: [],
  stored: 0,
  ignored: 0,
  totalBytes: 0,
  refusals: [newUpload.unreadable],
};
