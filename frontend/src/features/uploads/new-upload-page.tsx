// SPDX-License-Identifier: MPL-2.0

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { ErrorMessage } from "@/components/error-message";
import { Need } from "@/components/need";
import { PageHeader } from "@/components/page-header";
import { useAppSettings } from "@/lib/app-settings";
import { useAuth } from "@/lib/auth/use-auth";
import { paths } from "@/lib/paths";
import { newUpload } from "@/lib/texts/new-upload";
import { uploads } from "@/lib/texts/uploads";

import { possibleBucketsQuery } from "./api/uploads";
import { NewUpload } from "./new-upload/new-upload";

export function Component() {
  return (
    <Need permissions={["upload.upload_symbols", "upload.upload_try_symbols"]}>
      <PageHeader
        title={newUpload.title}
        above={[{ title: uploads.uploads.title, path: paths.uploads }]}
      >
        {newUpload.note}
      </PageHeader>
      <Loaded />
    </Need>
  );
}

function Loaded() {
  const uploader = useUploader();
  const limits = useAppSettings()?.upload_limits;
  const { data: buckets, error, refetch } = useQuery(possibleBucketsQuery);
  if (error !== null && buckets === undefined)
    return <ErrorMessage error={error} onRetry={() => void refetch()} />;
  if (uploader === null || buckets === undefined || limits === undefined) return null;
  return <NewUpload {...uploader} buckets={buckets} limits={limits} />;
}

interface Uploader {
  email: string;
  isTryOnly: boolean;
}

/** Who uploads: still the same after the session has ended, so that the form is kept. */
function useUploader(): Uploader | null {
  const { person, may } = useAuth();
  const [last, setLast] = useState<Uploader | null>(null);
  if (person === null) return last;
  const { email } = person;
  const isTryOnly = !may("upload.upload_symbols");
  if (last?.email !== email || last.isTryOnly !== isTryOnly) setLast({ email, isTryOnly });
  return { email, isTryOnly };
}
