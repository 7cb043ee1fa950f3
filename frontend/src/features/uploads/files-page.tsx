// SPDX-License-Identifier: MPL-2.0

import { FilteredList } from "@/components/data-list/filtered-list";
import type { Column, ListFilter } from "@/components/data-list/types";
import { Email } from "@/components/email";
import { Need } from "@/components/need";
import { PageHeader } from "@/components/page-header";
import { Anchor } from "@/components/ui/anchor";
import { rowsAt } from "@/lib/api/rows";
import type { FileListRow } from "@/lib/api/schema";
import { paths } from "@/lib/paths";
import { uploads } from "@/lib/texts/uploads";

import { fileColumns, fileTime } from "./components/file-columns";
import { completedFilter } from "./components/filters";
import { NewUploadButton } from "./components/new-upload-button";
import { Sections } from "./components/sections";

const words = uploads.files;

const filters: ListFilter[] = [
  { name: "key", label: words.key, placeholder: "xul.pdb" },
  { name: "debug_id", label: words.debugId, placeholder: "44E4EC8C" },
  { name: "debug_file", label: words.debugFile, placeholder: "= xul.pdb" },
  { name: "size", label: words.size, kind: "size", placeholder: ">= 10mb" },
  { name: "created_at", label: words.created, kind: "time", placeholder: "yesterday" },
  completedFilter,
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
export function Component() {
  return (
    <Need permissions={["upload.view_all_uploads"]}>
      <PageHeader title={words.title} />
      <Sections />
      <FilteredList
        name="files"
        words={words}
        filters={filters}
        columns={columns}
        load={rowsAt("/api/uploads/files/", "files")}
        news
        rowPath={(file) => paths.file(file.id)}
      >
        <NewUploadButton />
      </FilteredList>
    </Need>
  );
}
