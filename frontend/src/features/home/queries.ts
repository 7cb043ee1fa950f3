// SPDX-License-Identifier: MPL-2.0

import { queryOptions } from "@tanstack/react-query";

import { api, orThrow } from "@/lib/api/client";

/** The settings that are in effect. */
export const settingsQuery = queryOptions({
  queryKey: ["settings"],
  queryFn: ({ signal }) => orThrow(api.GET("/api/_settings/", { signal })),
});

/** The versions of packages and services. */
export const versionsQuery = queryOptions({
  queryKey: ["versions"],
  queryFn: ({ signal }) => orThrow(api.GET("/api/_versions/", { signal })),
});

/** The first page of the uploads that one may see. */
export const latestUploadsQuery = queryOptions({
  queryKey: ["uploads", "latest"],
  queryFn: ({ signal }) => orThrow(api.GET("/api/uploads/", { signal })),
});
