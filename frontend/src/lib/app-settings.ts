// SPDX-License-Identifier: MPL-2.0

import { queryOptions, useQuery } from "@tanstack/react-query";

import { api, orThrow } from "./api/client";
import type { AppSettings } from "./api/schema";
import { told } from "./told";

const appSettingsQuery = queryOptions({
  queryKey: ["app-settings"],
  queryFn: ({ signal }) => orThrow(api.GET("/api/_app/", { signal })),
  initialData: () => told("app") as AppSettings | undefined,
  staleTime: Infinity,
});

/** What the app has to know of its server; undefined until the server has told. */
export function useAppSettings(): AppSettings | undefined {
  return useQuery(appSettingsQuery).data;
}
