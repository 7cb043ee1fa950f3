// SPDX-License-Identifier: MPL-2.0

import { Facts } from "@/components/facts";
import { Mono } from "@/components/mono";
import { Size } from "@/components/size";
import { Time } from "@/components/time";
import type { UploadDetail } from "@/lib/api/schema";
import { duration } from "@/lib/format/time";
import { uploads } from "@/lib/texts/uploads";

import { UploadStatus } from "./upload-status";

const words = uploads.upload;

/** Everything about one upload but its files. */
export function UploadFacts({ upload }: { upload: UploadDetail }) {
  const { completed_at: completedAt, download_url: url, redirect_urls: redirects } = upload;
  return (
    <Facts
      facts={[
        [words.archive, upload.filename],
        [words.state, <UploadStatus key="state" upload={upload} />],
        [words.user, upload.user],
        [words.size, <Size key="size" bytes={upload.size} />],
        [words.created, <Time key="created" value={upload.created_at} exact />],
        completedAt !== null && [
          words.completed,
          <span key="completed">
            <Time value={completedAt} exact />,{" "}
            {words.took(duration(secondsBetween(upload.created_at, completedAt)))}
          </span>,
        ],
        [words.bucket, upload.bucket_name],
        upload.bucket_region !== null && [words.region, upload.bucket_region],
        upload.bucket_endpoint_url !== null && [words.endpoint, upload.bucket_endpoint_url],
        [words.hash, <Mono key="hash" text={upload.content_hash} label={words.hash} short />],
        url !== null && [words.url, <Mono key="url" text={url} label={words.url} />],
        redirects.length > 0 && [
          words.redirects,
          redirects.map((redirect) => <Mono key={redirect} text={redirect} label={words.url} />),
        ],
      ]}
    />
  );
}

function secondsBetween(start: string, end: string): number {
  return Math.max(0, new Date(end).getTime() - new Date(start).getTime()) / 1000;
}
