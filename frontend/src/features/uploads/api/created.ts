// SPDX-License-Identifier: MPL-2.0

import type { Rows } from "@/components/data-list/types";
import { api, orThrow } from "@/lib/api/client";
import type { QueryOf } from "@/lib/api/queries";
import type { CreatedRow } from "@/lib/api/schema";

/** Return a page of the days that had uploads. */
export async function listCreated(
  query: QueryOf<"/api/uploads/created/">,
  signal: AbortSignal,
): Promise<Rows<CreatedRow>> {
  const page = await orThrow(api.GET("/api/uploads/created/", { params: { query }, signal }));
  return { ...page, rows: page.uploads_created };
}

/** Have the last days counted again; return how many had uploads. */
export async function backfill(days: number): Promise<number> {
  const answer = api.POST("/api/uploads/created/backfilled/", { body: { days } });
  return (await orThrow(answer)).backfilled;
}
