// SPDX-License-Identifier: MPL-2.0

import type { Rows } from "@/components/data-list/types";
import { api, orThrow } from "@/lib/api/client";
import type { QueryOf } from "@/lib/api/queries";
import type { FileRow } from "@/lib/api/schema";

const PATH = "/api/uploads/upload/{upload_id}/files/";

/** Return a page of what one upload stored. */
export async function listFilesOfUpload(
  id: number,
  query: QueryOf<typeof PATH>,
  signal: AbortSignal,
): Promise<Rows<FileRow>> {
  const params = { path: { upload_id: id }, query };
  const page = await orThrow(api.GET(PATH, { params, signal }));
  return { ...page, rows: page.files };
}
