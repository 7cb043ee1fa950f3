// SPDX-License-Identifier: MPL-2.0

import { useEffect, useState } from "react";

import { Button } from "@/components/ui/button";
import { Group } from "@/components/ui/layout";
import { Progress as Bar } from "@/components/ui/progress";
import { grouped, humanSize } from "@/lib/format/size";
import { duration } from "@/lib/format/time";
import { newUpload } from "@/lib/texts/new-upload";

import { percentOf, type Progress } from "../sending/progress";
import type { ParcelProgress } from "../sending/send-parcels";
import classes from "./progress-view.module.css";

const words = newUpload.progress;

interface Properties {
  progress: ParcelProgress | null;
  onCancel: () => void;
  /** Send all, without looking for what the server has already. */
  onSkip: () => void;
}

/** How far the upload is: first bytes, then files. The title of the tab tells it, too. */
export function ProgressView({ progress: parcel, onCancel, onSkip }: Properties) {
  const progress = parcel?.progress ?? null;
  const share = percentOf(progress);
  const shown = share === null ? null : Math.floor(share);
  useTabTitle(shown);
  return (
    <section className={classes["progress"]}>
      <p className={classes["name"]}>
        {parcel !== null && parcel.of > 1 && words.ofSeveral(parcel.number, parcel.of)}{" "}
        {parcel?.name}
      </p>
      <Bar value={share} aria-label={words.label} />
      <p className={classes["line"]}>
        <strong role="status">{titleOf(progress)}</strong>
        <Figures progress={progress} />
      </p>
      <p className={classes["note"]}>{words.keepOpen}</p>
      <Group gap="sm">
        <Button variant="default" onClick={onCancel}>
          {words.cancel}
        </Button>
        {progress?.phase === "comparing" && (
          <Button variant="subtle" onClick={onSkip}>
            {words.skip}
          </Button>
        )}
      </Group>
    </section>
  );
}

/** Tell in the title of the tab how far it is, so that one need not look at the page. */
function useTabTitle(percent: number | null): void {
  const [title] = useState(() => document.title);
  useEffect(() => {
    if (percent !== null) document.title = `${String(percent)} % · ${title}`;
    return () => {
      document.title = title;
    };
  }, [percent, title]);
}

function titleOf(progress: Progress | null): string {
  if (progress === null) return words.beginning;
  if (progress.phase === "checking" && progress.isFetching) return words.fetching;
  return words[progress.phase];
}

function Figures({ progress }: { progress: Progress | null }) {
  if (progress?.phase === "sending") {
    const { sent, total, rate, left } = progress;
    return (
      <>
        <span>{words.bytes(humanSize(sent), humanSize(total))}</span>
        {rate !== null && <span>{words.rate(humanSize(Math.round(rate)))}</span>}
        {left !== null && (
          <span>{words.left(duration(Math.ceil(left)).replace(".0 s", " s"))}</span>
        )}
      </>
    );
  }
  if (progress?.phase === "comparing" || progress?.phase === "packing") {
    return <span>{words.bytes(humanSize(progress.done), humanSize(progress.total))}</span>;
  }
  if (progress?.phase !== "storing") return null;
  const { stored, skipped, total } = progress;
  return (
    <span>
      {words.files(grouped(stored), grouped(skipped))}
      {total !== null && ` ${words.ofFiles(grouped(total))}`}
    </span>
  );
}
