// SPDX-License-Identifier: MPL-2.0

import { queryOptions } from "@tanstack/react-query";

import { api, orThrow } from "@/lib/api/client";
import { errorOfAnswer } from "@/lib/api/errors";
import type { Heartbeat } from "@/lib/api/schema";

/** How everything is that the server stands on. It answers 500 when some of it fails. */
export const healthQuery = queryOptions({
  queryKey: ["health"],
  queryFn: async ({ signal }): Promise<Heartbeat> => {
    const { data, error, response } = await api.GET("/__heartbeat__", { signal });
    if (data !== undefined) return data;
    if (typeof error === "object" && "checks" in error) return error;
    throw errorOfAnswer(response, error);
  },
});

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
