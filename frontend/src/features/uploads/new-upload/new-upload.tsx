// SPDX-License-Identifier: MPL-2.0

import { useEffect, useState } from "react";
import { useNavigate } from "react-router";

import type { PossibleUrl, UploadLimits } from "@/lib/api/schema";
import { paths } from "@/lib/paths";

import { useUpload } from "../sending/use-upload";
import { Commands } from "./commands";
import { Failure } from "./failure";
import { emptyForm } from "./form-state";
import { LeaveGuard } from "./leave-guard";
import { ProgressView } from "./progress-view";
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
    if (state.kind !== "done") return;
    const { id, warnings } = state.finished;
    void navigate(paths.upload(id), { state: { warnings }, replace: true });
  }, [state, navigate]);

  return (
    <>
      <LeaveGuard isActive={state.kind === "busy"} />
      {state.kind === "idle" && (
        <UploadForm
          {...{ form, buckets, limits, isTryOnly }}
          onChange={setForm}
          onSubmit={upload.start}
        />
      )}
      {state.kind === "busy" && (
        <ProgressView form={form} progress={state.progress} onCancel={upload.cancel} />
      )}
      {state.kind === "failed" && (
        <Failure error={state.error} wasSent={state.wasSent} onBack={upload.reset} />
      )}
      <Commands form={form} />
    </>
  );
}
