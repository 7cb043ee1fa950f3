// SPDX-License-Identifier: MPL-2.0

import { infiniteQueryOptions } from "@tanstack/react-query";

import { api, orThrow } from "@/lib/api/client";

/** The ids of a name, page by page, those that came last first. */
export function idsQuery(debugFile: string) {
  return infiniteQueryOptions({
    queryKey: ["ids of a name", debugFile],
    queryFn: ({ signal, pageParam }) =>
      orThrow(
        api.GET("/api/modules/", {
          params: {
            query: { debug_file: debugFile, ...(pageParam !== null && { before: pageParam }) },
          },
          signal,
        }),
      ),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.before,
  });
}
