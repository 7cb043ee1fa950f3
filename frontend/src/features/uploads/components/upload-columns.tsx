// SPDX-License-Identifier: MPL-2.0

import type { Column } from "@/components/data-list/types";
import { Email } from "@/components/email";
import { Shortened } from "@/components/shortened";
import { Size } from "@/components/size";
import { Time } from "@/components/time";
import { Anchor } from "@/components/ui/anchor";
import type { UploadRow } from "@/lib/api/schema";
import { paths } from "@/lib/paths";
import { uploads } from "@/lib/texts/uploads";

import { UploadStatus } from "./upload-status";

const words = uploads.uploads;

const archive: Column<UploadRow> = {
  key: "filename",
  title: words.archive,
  render: (upload) => (
    <Anchor to={paths.upload(upload.id)}>
      <Shortened text={upload.filename} />
    </Anchor>
  ),
};

const user: Column<UploadRow> = {
  key: "user",
  title: words.user,
  second: true,
  room: 13,
  render: (upload) => <Email address={upload.user} />,
};

const rest: Column<UploadRow>[] = [
  {
    key: "created_at",
    title: words.created,
    sort: "created_at",
    second: true,
    render: (upload) => <Time value={upload.created_at} />,
  },
  {
    key: "state",
    title: words.state,
    sort: "completed_at",
    render: (upload) => <UploadStatus upload={upload} />,
  },
  {
    key: "bucket_name",
    title: words.bucket,
    second: true,
    render: (upload) => upload.bucket_name,
  },
  {
    key: "files",
    title: words.files,
    numeric: true,
    second: true,
    render: (upload) => words.howMany(upload.files_count, upload.skipped_count),
  },
  {
    key: "size",
    title: words.size,
    sort: "size",
    numeric: true,
    second: true,
    render: (upload) => <Size bytes={upload.size} />,
  },
];

/** The columns of a list of uploads; who sees only their own needs no names. */
export function uploadColumns(withUsers: boolean): Column<UploadRow>[] {
  return [archive, ...(withUsers ? [user] : []), ...rest];
}
