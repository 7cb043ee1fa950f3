// SPDX-License-Identifier: MPL-2.0

import { api, orThrow } from "@/lib/api/client";
import type { QueryOf } from "@/lib/api/queries";
import type { UploadRow } from "@/lib/api/schema";
import type { Rows } from "@/components/data-list/types";

/** Return a page of uploads: all that the person may see. */
export async function listUploads(
  query: QueryOf<"/api/uploads/">,
  signal: AbortSignal,
): Promise<Rows<UploadRow>> {
  const page = await orThrow(api.GET("/api/uploads/", { params: { query }, signal }));
  return { ...page, rows: page.uploads };
}
