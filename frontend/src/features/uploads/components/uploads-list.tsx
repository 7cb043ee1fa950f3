// SPDX-License-Identifier: MPL-2.0

import { CodeBlock } from "@/components/code-block";
import { FilteredList } from "@/components/data-list/filtered-list";
import type { ListFilter } from "@/components/data-list/types";
import { Anchor } from "@/components/ui/anchor";
import { uploadCommand } from "@/domain/commands";
import type { UploadRow } from "@/lib/api/schema";
import { useAuth } from "@/lib/auth/use-auth";
import { paths } from "@/lib/paths";
import { uploads } from "@/lib/texts/uploads";

import { listUploads } from "../api/list-uploads";
import { DeleteUploads } from "./delete-symbols";
import { uploadColumns } from "./upload-columns";

const words = uploads.uploads;

const filters: ListFilter[] = [
  { name: "user", label: words.user, placeholder: "! bot@" },
  { name: "filename", label: words.archive, placeholder: "windows" },
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

/** All uploads that the person may see. */
export function UploadsList() {
  const { may, person, isSuperuser } = useAuth();
  const mayDelete = ({ user, deleted_at: deletedAt }: UploadRow) =>
    deletedAt === null && (isSuperuser || user === person?.email);
  const seesAll = may("upload.view_all_uploads") || isSuperuser;
  return (
    <FilteredList
      name="uploads"
      words={words}
      filters={seesAll ? filters : filters.filter(({ name }) => name !== "user")}
      columns={uploadColumns(seesAll)}
      load={listUploads}
      news
      bulk={{
        may: mayDelete,
        nameOf: (upload) => words.uploadNamed(upload.id, upload.filename),
        actions: (chosen, done) => <DeleteUploads uploads={chosen} onDone={done} />,
      }}
      rowPath={(upload) => paths.upload(upload.id)}
    >
      <CodeBlock label={words.emptyCommand} text={uploadCommand(window.location.origin)} />
      <Anchor to={paths.help}>{words.help}</Anchor>
    </FilteredList>
  );
}
