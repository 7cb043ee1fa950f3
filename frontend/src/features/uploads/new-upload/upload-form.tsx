// SPDX-License-Identifier: MPL-2.0

import { type SyntheticEvent, useState } from "react";

import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { SegmentedControl } from "@/components/ui/segmented-control";
import { NativeSelect } from "@/components/ui/select";
import { TextInput } from "@/components/ui/text-input";
import type { PossibleUrl, UploadLimits } from "@/lib/api/schema";
import { newUpload } from "@/lib/texts/new-upload";

import type { Parcel } from "../sending/send-parcels";
import type { Order } from "../sending/use-upload";
import type { Judgement } from "../zip/judgement";
import { leaveOutRefused, refusedFiles } from "../zip/leave-out";
import { ArchiveContents } from "./archive-contents";
import { DropZone } from "./drop-zone";
import { type FormState, type Given, nextId, urlProblem, withFiles } from "./form-state";
import classes from "./upload-form.module.css";
import { type Judged, useJudgements } from "./use-judgements";

interface Properties {
  form: FormState;
  buckets: PossibleUrl[];
  limits: UploadLimits;
  isTryOnly: boolean;
  onChange: (form: FormState) => void;
  onSubmit: (order: Order) => void;
}

/** What to upload, and where to. Files are looked into before they are sent. */
export function UploadForm({ form, buckets, limits, isTryOnly, onChange, onSubmit }: Properties) {
  const [isTried, setTried] = useState(false);
  const [isGone, setGone] = useState(false);
  const judgedOf = useJudgements(form.given, limits);
  const isFile = form.way === "file";
  const problem = isFile ? null : urlProblem(form.url, limits);
  const parcels = isFile ? parcelsOf(form.given, judgedOf) : [];
  const isReady = isFile ? form.given.length > 0 && parcels !== null : problem === null;

  function setGiven(given: readonly Given[]) {
    setGone(false);
    onChange({ ...form, given });
  }

  function leaveOut(one: Given, judged: Judgement) {
    if (one.kind !== "zip") return;
    const leftOut = one.leftOut + refusedFiles(judged);
    leaveOutRefused(one.file, judged).then(
      (file) => {
        const rest = { ...one, id: nextId(), file, leftOut };
        setGiven(form.given.map((other) => (other === one ? rest : other)));
      },
      () => setGone(true),
    );
  }

  function submit(event: SyntheticEvent) {
    event.preventDefault();
    setTried(true);
    if (!isReady) return;
    const { isTry, bucket } = form;
    onSubmit({ parcels: parcels ?? [], url: isFile ? "" : form.url.trim(), isTry, bucket });
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
          isMissed={isTried && form.given.length === 0}
          onFiles={(files) => setGiven(withFiles(form.given, files))}
        />
      ) : (
        <UrlField
          value={form.url}
          limits={limits}
          problem={isTried ? problem : null}
          onChange={(url) => onChange({ ...form, url })}
        />
      )}
      {isFile &&
        form.given.map((one) => (
          <ArchiveContents
            key={one.id}
            given={one}
            judged={judgedOf(one)}
            onLeaveOut={(judged) => leaveOut(one, judged)}
            onRemove={() => setGiven(form.given.filter((other) => other !== one))}
          />
        ))}
      {isGone && (
        <p role="alert" className={classes["problem"]}>
          {newUpload.unreadable}
        </p>
      )}
      <Where {...{ form, buckets, isTryOnly, onChange }} />
      <Button
        type="submit"
        disabled={isFile && form.given.length > 0 && !isReady}
        className={classes["submit"] ?? ""}
      >
        {newUpload.submit}
      </Button>
    </form>
  );
}

/** What is to be sent; null while something is looked into, or would be refused. */
function parcelsOf(given: readonly Given[], judgedOf: (one: Given) => Judged): Parcel[] | null {
  const parcels: Parcel[] = [];
  for (const one of given) {
    const judged = judgedOf(one);
    if (judged.isReading || judged.judgement.refusals.length > 0) return null;
    const { judgement, members } = judged;
    parcels.push(
      one.kind === "zip"
        ? { kind: "zip", file: one.file, judgement }
        : { kind: "loose", name: one.name, members },
    );
  }
  return parcels;
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
        onChange={(event) =>
          onChange({ ...form, isTry: event.currentTarget.checked, bucket: null })
        }
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

interface UrlProperties {
  value: string;
  limits: UploadLimits;
  problem: string | null;
  onChange: (url: string) => void;
}

/** The URL of an archive, and where the server may fetch one from. */
function UrlField({ value, limits, problem, onChange }: UrlProperties) {
  return (
    <TextInput
      type="url"
      label={newUpload.url}
      description={
        limits.any_domain
          ? newUpload.urlAnyHost
          : newUpload.urlHosts(limits.allowed_domains.join(", "))
      }
      placeholder={`https://${limits.allowed_domains[0] ?? "builds.example.com"}/symbols.zip`}
      value={value}
      error={problem}
      autoComplete="off"
      spellCheck={false}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
