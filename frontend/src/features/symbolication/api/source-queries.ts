// SPDX-License-Identifier: MPL-2.0

import { queryOptions, useQueries } from "@tanstack/react-query";

import { api, orThrow } from "@/lib/api/client";

import type { Answer } from "../output/answer";

const MOST_ASKED = 8; // modules of an answer
const STALE_MILLISECONDS = 300_000;

/** Whether a source bundle of a module is here. */
function hasSourcesQuery(debugId: string) {
  return queryOptions({
    queryKey: ["has sources", debugId],
    queryFn: ({ signal }) =>
      orThrow(api.GET("/api/source-lines/", { params: { query: { debug_id: debugId } }, signal })),
    staleTime: STALE_MILLISECONDS,
    retry: false,
  });
}

/** The lines around one of a source, as the symbols of a module name it. */
export function sourceLinesQuery(debugId: string, file: string, line: number) {
  return queryOptions({
    queryKey: ["source lines", debugId, file, line],
    queryFn: ({ signal }) =>
      orThrow(
        api.GET("/api/source-lines/", {
          params: { query: { debug_id: debugId, file, line } },
          signal,
        }),
      ),
    staleTime: STALE_MILLISECONDS,
  });
}

/** The debug ids of the modules whose sources are here, by debug file. */
export type Sources = ReadonlyMap<string, string>;

/** Ask for the modules of an answer which of them have sources here. */
export function useSources({ modules }: Answer): Sources {
  const asked = modules.filter((module) => module.found && module.debug_id !== null);
  return useQueries({
    queries: asked.slice(0, MOST_ASKED).map(({ debug_id }) => hasSourcesQuery(debug_id ?? "")),
    combine: (results) =>
      new Map(
        results.flatMap(({ data }, at) => {
          const module = asked[at];
          const isThere = data?.has_sources === true && module !== undefined;
          return isThere ? [[module.debug_file, module.debug_id ?? ""] as const] : [];
        }),
      ),
  });
}
