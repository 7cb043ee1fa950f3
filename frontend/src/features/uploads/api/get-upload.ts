// SPDX-License-Identifier: MPL-2.0

import { queryOptions } from "@tanstack/react-query";

import { api, orThrow } from "@/lib/api/client";

const DERIVING_MILLISECONDS = 4_000;

/** One upload, with its first files; asked for again and again while symbols are made of them. */
export function uploadQuery(id: number) {
  return queryOptions({
    queryKey: ["upload", id],
    queryFn: async ({ signal }) => {
      const params = { path: { upload_id: id } };
      const answer = api.GET("/api/uploads/upload/{upload_id}", { params, signal });
      return (await orThrow(answer)).upload;
    },
    refetchInterval: ({ state }) =>
      (state.data?.deriving.length ?? 0) > 0 ? DERIVING_MILLISECONDS : false,
    refetchIntervalInBackground: false,
  });
}
