// SPDX-License-Identifier: MPL-2.0

import { queryOptions } from "@tanstack/react-query";

import { api, orThrow } from "@/lib/api/client";

/** The buckets that the person may upload to. */
export const possibleBucketsQuery = queryOptions({
  queryKey: ["possible buckets"],
  queryFn: async ({ signal }) =>
    (await orThrow(api.GET("/api/uploads/_possible_upload_urls/", { signal }))).urls,
});
