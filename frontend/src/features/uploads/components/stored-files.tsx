// SPDX-License-Identifier: MPL-2.0

import { FilteredList } from "@/components/data-list/filtered-list";
import type { ListFilter } from "@/components/data-list/types";
import { api, orThrow } from "@/lib/api/client";
import { paths } from "@/lib/paths";
import { uploads } from "@/lib/texts/uploads";

import { fileColumns } from "./file-columns";
import { completedFilter } from "./filters";

const words = uploads.files;

const filters: ListFilter[] = [
  { name: "key", label: words.key, placeholder: "xul.pdb" },
  { name: "size", label: words.size, kind: "size", placeholder: ">= 10mb" },
  completedFilter,
];

/** The name of the list of an upload's files, by which it is asked for again. */
export function filesOfUpload(id: number): string {
  return `files of upload ${String(id)}`;
}

/** The files that one upload stored, or was to store. */
export function StoredFiles({ id }: { id: number }) {
  return (
    <FilteredList
      name={filesOfUpload(id)}
      words={{ ...words, title: uploads.upload.files }}
      filters={filters}
      columns={fileColumns}
      load={async (query, signal) => {
        const params = { path: { upload_id: id }, query };
        const asked = api.GET("/api/uploads/upload/{upload_id}/files/", { params, signal });
        const page = await orThrow(asked);
        return { ...page, rows: page.files };
      }}
      byTime={false}
      rowPath={(file) => paths.file(file.id)}
    />
  );
}
