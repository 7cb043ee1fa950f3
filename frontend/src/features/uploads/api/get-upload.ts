// SPDX-License-Identifier: MPL-2.0

import { queryOptions } from "@tanstack/react-query";

import { api, orThrow } from "@/lib/api/client";

/** One upload, with its first files. */
export function uploadQuery(id: number) {
  return queryOptions({
    queryKey: ["upload", id],
    queryFn: async ({ signal }) => {
      const params = { path: { upload_id: id } };
      const answer = api.GET("/api/uploads/upload/{upload_id}", { params, signal });
      return (await orThrow(answer)).upload;
    },
  });
}
