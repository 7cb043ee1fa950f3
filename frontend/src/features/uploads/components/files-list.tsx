// SPDX-License-Identifier: MPL-2.0

import { FilteredList } from "@/components/data-list/filtered-list";
import type { Column, ListFilter } from "@/components/data-list/types";
import { Email } from "@/components/email";
import { Anchor } from "@/components/ui/anchor";
import type { FileListRow } from "@/lib/api/schema";
import { paths } from "@/lib/paths";
import { uploads } from "@/lib/texts/uploads";

import { listFiles } from "../api/list-files";
import { NewUploadButton } from "./new-upload-button";
import { fileColumns, fileTime } from "./file-columns";

const words = uploads.files;

const filters: ListFilter[] = [
  { name: "key", label: words.key, placeholder: "xul.pdb" },
  { name: "debug_id", label: words.debugId, placeholder: "44E4EC8C" },
  { name: "debug_file", label: words.debugFile, placeholder: "= xul.pdb" },
  { name: "size", label: words.size, kind: "size", placeholder: ">= 10mb" },
  { name: "created_at", label: words.created, kind: "time", placeholder: "yesterday" },
  {
    name: "completed_at",
    label: words.completed,
    also: "state",
    kind: "happened",
    placeholder: "incomplete",
    values: ["incomplete"],
  },
  { name: "bucket_name", label: words.bucket, placeholder: "symbols" },
  {
    name: "download",
    label: words.origin,
    choices: [{ value: "microsoft", label: words.microsoft }],
  },
];

const columns: Column<FileListRow>[] = [
  ...fileColumns,
  { key: "bucket_name", title: words.bucket, second: true, render: (file) => file.bucket_name },
  {
    key: "from",
    title: words.from,
    second: true,
    room: 13,
    render: (file) => <Origin file={file} />,
  },
  fileTime,
];

function Origin({ file: { upload } }: { file: FileListRow }) {
  if (upload === null) return words.microsoft;
  return (
    <Anchor to={paths.upload(upload.id)}>
      <Email address={upload.user} copy={false} />
    </Anchor>
  );
}

/** The files that all uploads, or another symbol server, brought. */
export function FilesList() {
  return (
    <FilteredList
      name="files"
      words={words}
      filters={filters}
      columns={columns}
      load={listFiles}
      news
      rowPath={(file) => paths.file(file.id)}
    >
      <NewUploadButton />
    </FilteredList>
  );
}
