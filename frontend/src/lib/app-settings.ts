// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import { queryOptions, useQuery } from "@tanstack/react-query";

import { api, orThrow } from "./api/client";
import type { AppSettings } from "./api/schema";

export const appSettingsQuery = queryOptions({
  queryKey: ["app-settings"],
  queryFn: ({ signal }) => orThrow(api.GET("/api/_app/", { signal })),
  staleTime: Infinity,
});

/** What the app has to know of its server; undefined until the server has told. */
export function useAppSettings(): AppSettings | undefined {
  return useQuery(appSettingsQuery).data;
}
