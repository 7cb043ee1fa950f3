// SPDX-License-Identifier: MPL-2.0

import { Button } from "@/components/ui/button";
import { Progress as Bar } from "@/components/ui/progress";
import { grouped, humanSize } from "@/lib/format/size";
import { duration } from "@/lib/format/time";
import { newUpload } from "@/lib/texts/new-upload";

import type { Progress } from "../sending/progress";
import type { FormState } from "./form-state";
import classes from "./progress-view.module.css";

const words = newUpload.progress;

interface Properties {
  form: FormState;
  progress: Progress | null;
  onCancel: () => void;
}

/** How far the upload is: first bytes, then files. */
export function ProgressView({ form, progress, onCancel }: Properties) {
  const share = shareOf(progress);
  return (
    <section className={classes["progress"]}>
      <p className={classes["name"]}>{form.way === "file" ? form.file?.name : form.url}</p>
      <Bar value={share} aria-label={words.label} />
      <p className={classes["line"]}>
        <strong role="status">{titleOf(progress, form)}</strong>
        <Figures progress={progress} />
      </p>
      <p className={classes["note"]}>{words.keepOpen}</p>
      <Button variant="default" onClick={onCancel}>
        {words.cancel}
      </Button>
    </section>
  );
}

/** Percent; null while nobody can tell. */
function shareOf(progress: Progress | null): number | null {
  if (progress?.phase === "sending") return percent(progress.sent, progress.total);
  if (progress?.phase === "storing" && progress.total !== null) {
    return percent(progress.stored + progress.skipped, progress.total);
  }
  return null;
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.min(100, (100 * part) / whole);
}

function titleOf(progress: Progress | null, form: FormState): string {
  if (progress === null) return form.way === "file" ? words.sending : words.fetching;
  if (progress.phase === "sending") return words.sending;
  if (progress.phase === "storing") return words.storing;
  return progress.isFetching ? words.fetching : words.checking;
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
  if (progress?.phase !== "storing") return null;
  const { stored, skipped, total } = progress;
  return (
    <span>
      {words.files(grouped(stored), grouped(skipped))}
      {total !== null && ` ${words.ofFiles(grouped(total))}`}
    </span>
  );
}
