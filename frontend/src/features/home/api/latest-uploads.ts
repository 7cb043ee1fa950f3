// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import { queryOptions } from "@tanstack/react-query";

import { api, orThrow } from "@/lib/api/client";

/** The first page of the uploads that one may see. */
export const latestUploadsQuery = queryOptions({
  queryKey: ["uploads", "latest"],
  queryFn: ({ signal }) => orThrow(api.GET("/api/uploads/", { signal })),
});
