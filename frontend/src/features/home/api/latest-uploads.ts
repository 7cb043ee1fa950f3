// SPDX-License-Identifier: MPL-2.0

import { queryOptions } from "@tanstack/react-query";

import { api, orThrow } from "@/lib/api/client";

/** The first page of the uploads that one may see. */
export const latestUploadsQuery = queryOptions({
  queryKey: ["uploads", "latest"],
  queryFn: ({ signal }) => orThrow(api.GET("/api/uploads/", { signal })),
});
