// SPDX-License-Identifier: MPL-2.0

import type { Rows } from "@/components/data-list/types";
import { api, orThrow } from "@/lib/api/client";
import type { QueryOf } from "@/lib/api/queries";
import type { FileListRow } from "@/lib/api/schema";

/** Return a page of the files of all uploads. */
export async function listFiles(
  query: QueryOf<"/api/uploads/files/">,
  signal: AbortSignal,
): Promise<Rows<FileListRow>> {
  const page = await orThrow(api.GET("/api/uploads/files/", { params: { query }, signal }));
  return { ...page, rows: page.files };
}
