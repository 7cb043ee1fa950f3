// SPDX-License-Identifier: MPL-2.0

import { QueryCache, QueryClient } from "@tanstack/react-query";

import { asApiError } from "./errors";

const FRESH_MILLISECONDS = 10_000;
const MAX_TRIES = 2;

/** Return a cache of answers. What would fail again is not asked again. */
export function createQueryClient(onError: (error: unknown) => void): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: FRESH_MILLISECONDS,
        refetchOnWindowFocus: false,
        networkMode: "always",
        retry: (failures, error) => failures < MAX_TRIES && asApiError(error).isPassing,
      },
      mutations: { networkMode: "always" },
    },
  });
}
