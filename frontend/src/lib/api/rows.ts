// SPDX-License-Identifier: MPL-2.0

import { api, orThrow } from "./client";
import type { paths } from "./schema";

/** What a list is asked for. The address of a page can have anything, and the server says what is wrong with it. */
export type ListQuery = Readonly<Record<string, string | number | boolean>>;

/** A page of a list, as it came from the server. */
export interface Rows<Row> {
  rows: Row[];
  page: number;
  batch_size: number;
  has_next: boolean;
  /** How many of the newest rows were looked through, where that were not all. */
  only_newest?: number | null | undefined;
}

type AnswerAt<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { "application/json": infer Answer } } } };
}
  ? Answer
  : never;

type RowAt<Path extends keyof paths, Name> = Name extends keyof AnswerAt<Path>
  ? AnswerAt<Path>[Name] extends (infer Row)[]
    ? Row
    : never
  : never;

/** Return what loads pages of the list at an address of the API, whose rows have a name in its answers. */
export function rowsAt<Path extends keyof paths, Name extends string & keyof AnswerAt<Path>>(
  path: Path,
  name: Name,
): (query: ListQuery, signal: AbortSignal) => Promise<Rows<RowAt<Path, Name>>> {
  return async (query, signal) => {
    const asked = api.GET(path as "/api/uploads/", { params: { query }, signal });
    const page: Omit<Rows<never>, "rows"> & Record<string, unknown> = { ...(await orThrow(asked)) };
    return { ...page, rows: page[name] as RowAt<Path, Name>[] };
  };
}
