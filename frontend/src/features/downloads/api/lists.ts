// SPDX-License-Identifier: MPL-2.0

import type { Rows } from "@/components/data-list/types";
import { api, orThrow } from "@/lib/api/client";
import type { QueryOf } from "@/lib/api/queries";
import type { MicrosoftRow, MissingRow } from "@/lib/api/schema";

/** Return a page of the symbols that were asked for and are not here. */
export async function listMissing(
  query: QueryOf<"/api/downloads/missing/">,
  signal: AbortSignal,
): Promise<Rows<MissingRow>> {
  const page = await orThrow(api.GET("/api/downloads/missing/", { params: { query }, signal }));
  return { ...page, rows: page.missing };
}

/** Return a page of what was looked up at Microsoft's symbol server. */
export async function listMicrosoft(
  query: QueryOf<"/api/downloads/microsoft/">,
  signal: AbortSignal,
): Promise<Rows<MicrosoftRow>> {
  const page = await orThrow(api.GET("/api/downloads/microsoft/", { params: { query }, signal }));
  return { ...page, rows: page.microsoft_downloads };
}
