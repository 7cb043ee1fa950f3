// SPDX-License-Identifier: MPL-2.0

import { useEffect, useState } from "react";
import { useNavigate } from "react-router";

import { LeaveGuard } from "@/components/leave-guard";
import type { PossibleUrl, UploadLimits } from "@/lib/api/schema";
import { paths } from "@/lib/paths";
import { newUpload } from "@/lib/texts/new-upload";

import { type UploadState, useUpload } from "../sending/use-upload";
import { Commands } from "./commands";
import { Failure } from "./failure";
import { emptyForm } from "./form-state";
import { ProgressView } from "./progress-view";
import { Results } from "./results";
import { UploadForm } from "./upload-form";

interface Properties {
  email: string;
  buckets: PossibleUrl[];
  limits: UploadLimits;
  isTryOnly: boolean;
}

/** The form; then how far the upload is; at last the upload's own page. */
export function NewUpload({ email, buckets, limits, isTryOnly }: Properties) {
  const [form, setForm] = useState(() => emptyForm(isTryOnly));
  const upload = useUpload(email);
  const navigate = useNavigate();
  const { state } = upload;

  useEffect(() => {
    const only = onlyUploadOf(state);
    if (only === null) return;
    const { id, warnings } = only;
    void navigate(paths.upload(id), { state: { warnings }, replace: true });
  }, [state, navigate]);

  return (
    <>
      <LeaveGuard isActive={state.kind === "busy"} {...newUpload.leave} />
      {state.kind === "idle" && (
        <UploadForm
          {...{ form, buckets, limits, isTryOnly }}
          onChange={setForm}
          onSubmit={upload.start}
        />
      )}
      {state.kind === "busy" && (
        <ProgressView progress={state.progress} onCancel={upload.cancel} onSkip={upload.skip} />
      )}
      {state.kind === "done" && onlyUploadOf(state) === null && (
        <Results
          outcomes={state.outcomes}
          onMore={() => {
            setForm(emptyForm(isTryOnly));
            upload.reset();
          }}
        />
      )}
      {state.kind === "failed" && (
        <Failure error={state.error} wasSent={state.wasSent} onBack={upload.reset} />
      )}
      <Commands form={form} />
    </>
  );
}

/** The upload that somebody has sent, where it is one, and was stored. */
function onlyUploadOf(state: UploadState): { id: number; warnings: string[] } | null {
  if (state.kind !== "done" || state.outcomes.length !== 1) return null;
  const [outcome] = state.outcomes;
  return outcome?.kind === "stored" ? outcome : null;
}
