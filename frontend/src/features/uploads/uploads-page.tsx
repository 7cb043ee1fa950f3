// SPDX-License-Identifier: MPL-2.0

import { CodeBlock } from "@/components/code-block";
import { FilteredList } from "@/components/data-list/filtered-list";
import type { Column, ListFilter } from "@/components/data-list/types";
import { Email } from "@/components/email";
import { Need } from "@/components/need";
import { PageHeader } from "@/components/page-header";
import { Shortened } from "@/components/shortened";
import { Size } from "@/components/size";
import { Time } from "@/components/time";
import { Anchor } from "@/components/ui/anchor";
import { uploadCommand } from "@/domain/commands";
import { rowsAt } from "@/lib/api/rows";
import type { UploadRow } from "@/lib/api/schema";
import { useAuth } from "@/lib/auth/use-auth";
import { paths } from "@/lib/paths";
import { uploads } from "@/lib/texts/uploads";

import { DeleteUploads } from "./components/delete-symbols";
import { completedFilter } from "./components/filters";
import { NewUploadButton } from "./components/new-upload-button";
import { Sections } from "./components/sections";
import { UploadStatus } from "./components/upload-status";

const words = uploads.uploads;

const filters: ListFilter[] = [
  { name: "user", label: words.user, placeholder: "! bot@" },
  { name: "filename", label: words.archive, placeholder: "windows" },
  { name: "size", label: words.size, kind: "size", placeholder: ">= 10mb" },
  { name: "created_at", label: words.created, kind: "time", placeholder: "yesterday" },
  completedFilter,
  { name: "bucket_name", label: words.bucket, placeholder: "symbols" },
  { name: "download_url", label: words.url, placeholder: "taskcluster" },
  {
    name: "try_symbols",
    label: words.kind,
    choices: [
      { value: "false", label: words.kinds.false },
      { value: "true", label: words.kinds.true },
    ],
  },
];

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

const others: Column<UploadRow>[] = [
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

/** All uploads that the person may see; who sees only their own needs no names. */
export function Component() {
  const { may, person, isSuperuser } = useAuth();
  const seesAll = may("upload.view_all_uploads") || isSuperuser;
  return (
    <Need>
      <PageHeader title={words.title} action={<NewUploadButton />} />
      <Sections />
      <FilteredList
        name="uploads"
        words={words}
        filters={seesAll ? filters : filters.filter(({ name }) => name !== "user")}
        columns={[archive, ...(seesAll ? [user] : []), ...others]}
        load={rowsAt("/api/uploads/", "uploads")}
        news
        bulk={{
          may: ({ user, deleted_at: deletedAt }) =>
            deletedAt === null && (isSuperuser || user === person?.email),
          nameOf: (upload) => words.uploadNamed(upload.id, upload.filename),
          actions: (chosen, done) => <DeleteUploads uploads={chosen} onDone={done} />,
        }}
        rowPath={(upload) => paths.upload(upload.id)}
      >
        <CodeBlock label={words.emptyCommand} text={uploadCommand(window.location.origin)} />
        <Anchor to={paths.help}>{words.help}</Anchor>
      </FilteredList>
    </Need>
  );
}
