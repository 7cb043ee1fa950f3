// SPDX-License-Identifier: MPL-2.0

import { type SyntheticEvent, useState } from "react";

import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { SegmentedControl } from "@/components/ui/segmented-control";
import { NativeSelect } from "@/components/ui/select";
import type { PossibleUrl, UploadLimits } from "@/lib/api/schema";
import { newUpload } from "@/lib/texts/new-upload";

import type { Order } from "../sending/run";
import type { Judgement } from "../zip/judgement";
import { leaveOutRefused, refusedFiles } from "../zip/leave-out";
import { ArchiveContents } from "./archive-contents";
import { DropZone } from "./drop-zone";
import { type FormState, urlProblem } from "./form-state";
import classes from "./upload-form.module.css";
import { UrlField } from "./url-field";
import { useJudgement } from "./use-judgement";

interface Properties {
  form: FormState;
  buckets: PossibleUrl[];
  limits: UploadLimits;
  isTryOnly: boolean;
  onChange: (form: FormState) => void;
  onSubmit: (order: Order) => void;
}

/** What to upload, and where to. A file is looked into before it is sent. */
export function UploadForm({ form, buckets, limits, isTryOnly, onChange, onSubmit }: Properties) {
  const [isTried, setTried] = useState(false);
  const [isGone, setGone] = useState(false);
  const { judgement, isReading } = useJudgement(form.file, limits);
  const isFile = form.way === "file";
  const problem = isFile ? null : urlProblem(form.url, limits);
  const isRefused = isFile && (judgement?.refusals.length ?? 0) > 0;
  const isReady = isFile ? form.file !== null && !isReading && !isRefused : problem === null;

  function leaveOut(judged: Judgement) {
    if (form.file === null) return;
    const leftOut = form.leftOut + refusedFiles(judged);
    leaveOutRefused(form.file, judged).then(
      (file) => {
        onChange({ ...form, file, leftOut });
      },
      () => {
        setGone(true);
      },
    );
  }

  function submit(event: SyntheticEvent) {
    event.preventDefault();
    setTried(true);
    if (!isReady) return;
    onSubmit({
      file: isFile ? form.file : null,
      url: isFile ? "" : form.url.trim(),
      isTry: form.isTry,
      bucket: form.bucket,
      files: isFile ? (judgement?.stored ?? null) : null,
    });
  }

  return (
    <form className={classes["form"]} onSubmit={submit} noValidate>
      <SegmentedControl
        aria-label={newUpload.from}
        value={form.way}
        data={[
          { value: "file", label: newUpload.ways.file },
          { value: "url", label: newUpload.ways.url },
        ]}
        onChange={(way) => {
          setTried(false);
          onChange({ ...form, way: way === "url" ? "url" : "file" });
        }}
      />
      {isFile ? (
        <DropZone
          file={form.file}
          isMissed={isTried}
          onFile={(file) => {
            setGone(false);
            onChange({ ...form, file, leftOut: 0 });
          }}
        />
      ) : (
        <UrlField
          value={form.url}
          limits={limits}
          problem={isTried ? problem : null}
          onChange={(url) => {
            onChange({ ...form, url });
          }}
        />
      )}
      {isFile && form.file !== null && (
        <ArchiveContents
          judgement={judgement}
          isReading={isReading}
          leftOut={form.leftOut}
          onLeaveOut={leaveOut}
        />
      )}
      {isGone && (
        <p role="alert" className={classes["problem"]}>
          {newUpload.unreadable}
        </p>
      )}
      <Where {...{ form, buckets, isTryOnly, onChange }} />
      <Button
        type="submit"
        disabled={isFile && form.file !== null && !isReady}
        className={classes["submit"] ?? ""}
      >
        {newUpload.submit}
      </Button>
    </form>
  );
}

type WhereProperties = Pick<Properties, "form" | "buckets" | "isTryOnly" | "onChange">;

/** Try or not, and which bucket where there is a choice. */
function Where({ form, buckets, isTryOnly, onChange }: WhereProperties) {
  return (
    <>
      <Checkbox
        label={newUpload.try}
        description={isTryOnly ? newUpload.tryOnly : newUpload.tryNote}
        checked={form.isTry}
        disabled={isTryOnly}
        onChange={(event) => {
          onChange({ ...form, isTry: event.currentTarget.checked, bucket: null });
        }}
      />
      {buckets.length > 1 && !form.isTry && (
        <NativeSelect
          label={newUpload.bucket}
          value={form.bucket ?? buckets.find((bucket) => bucket.default)?.bucket_name ?? ""}
          data={buckets.map((bucket) => ({
            value: bucket.bucket_name,
            label: newUpload.bucketChoice(bucket.bucket_name, bucket.default),
          }))}
          onChange={(event) => {
            const bucket = event.currentTarget.value;
            onChange({ ...form, bucket });
          }}
        />
      )}
    </>
  );
}
