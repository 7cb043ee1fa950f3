// SPDX-License-Identifier: MPL-2.0

import { DataList } from "@/components/data-list/data-list";
import type { ListFilter } from "@/components/data-list/types";
import { useList } from "@/components/data-list/use-list";
import { SEARCH, useListState } from "@/components/data-list/use-list-state";
import { paths } from "@/lib/paths";
import { uploads } from "@/lib/texts/uploads";

import { listFilesOfUpload } from "../api/list-files-of-upload";
import { fileColumns } from "./file-columns";

const words = uploads.files;

const filters: ListFilter[] = [
  { name: "key", label: words.key, placeholder: "xul.pdb" },
  { name: "size", label: words.size, kind: "size", placeholder: ">= 10mb" },
  {
    name: "completed_at",
    label: words.completed,
    also: "state",
    kind: "happened",
    placeholder: "incomplete",
    values: ["incomplete"],
  },
];
const filterNames = [...filters.map((filter) => filter.name), SEARCH];

/** The name of the list of an upload's files, by which it is asked for again. */
export function filesOfUpload(id: number): string {
  return `files of upload ${String(id)}`;
}

/** The files that one upload stored, or was to store. */
export function StoredFiles({ id }: { id: number }) {
  const list = useList({
    name: filesOfUpload(id),
    state: useListState(filterNames),
    load: (query: Parameters<typeof listFilesOfUpload>[1], signal) =>
      listFilesOfUpload(id, query, signal),
    rowKey: (file) => file.id,
  });
  return (
    <DataList
      list={list}
      label={uploads.upload.files}
      nouns={words.nouns}
      columns={fileColumns}
      filters={filters}
      byTime={false}
      rowPath={(file) => paths.file(file.id)}
      empty={null}
    />
  );
}
