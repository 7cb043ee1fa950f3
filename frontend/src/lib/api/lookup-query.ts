// SPDX-License-Identifier: MPL-2.0

import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, orThrow } from "./client";

/** What a text means here, or the beginning of one; the last answer stays until there is the next. */
export function lookupQuery(text: string) {
  return queryOptions({
    queryKey: ["lookup", text],
    queryFn: ({ signal }) =>
      orThrow(api.GET("/api/lookup/", { params: { query: { q: text } }, signal })),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    retry: false,
  });
}
