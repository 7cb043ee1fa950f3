// SPDX-License-Identifier: MPL-2.0

import { queryOptions } from "@tanstack/react-query";

import { api, orThrow } from "@/lib/api/client";

/** One file. */
export function fileQuery(id: number) {
  return queryOptions({
    queryKey: ["file", id],
    queryFn: async ({ signal }) => {
      const params = { path: { file_id: id } };
      const answer = api.GET("/api/uploads/files/file/{file_id}", { params, signal });
      return (await orThrow(answer)).file;
    },
  });
}

/** What each source says of a file's key at this moment. */
export function sourcesQuery(id: number) {
  return queryOptions({
    queryKey: ["file", id, "sources"],
    queryFn: async ({ signal }) => {
      const params = { path: { file_id: id } };
      const answer = api.GET("/api/uploads/files/file/{file_id}/sources", { params, signal });
      return (await orThrow(answer)).sources;
    },
    staleTime: 0,
  });
}
