// SPDX-License-Identifier: MPL-2.0

import { MutationCache, onlineManager, QueryCache, QueryClient } from "@tanstack/react-query";

import { reportFault } from "../sentry";
import { isDown, onServerState } from "../server-state";
import { ApiError, asApiError } from "./errors";

const FRESH_MILLISECONDS = 10_000;
const MAX_TRIES = 2;
const LONGEST_PAUSE_SECONDS = 30;

// While the server is down, questions wait, whatever the browser thinks of its network.
onlineManager.setEventListener((setOnline) => {
  setOnline(!isDown());
  return onServerState(() => setOnline(!isDown()));
});

/** Return a cache of answers. What would fail again is not asked again. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: FRESH_MILLISECONDS,
        refetchOnWindowFocus: false,
        retry: (failures, error) => failures < MAX_TRIES && isWorthAsking(asApiError(error)),
        retryDelay: (failures, error) => 1000 * secondsBefore(failures, asApiError(error)),
      },
      // What changes something is done when somebody asks for it, and not at some time later.
      mutations: { networkMode: "always" },
    },
  });
}

function isWorthAsking({ isPassing, retryAfterSeconds }: ApiError): boolean {
  return isPassing && (retryAfterSeconds ?? 0) <= LONGEST_PAUSE_SECONDS;
}

function secondsBefore(failures: number, { retryAfterSeconds }: ApiError): number {
  return retryAfterSeconds ?? 2 ** failures;
}

function onError(error: unknown): void {
  if (!(error instanceof ApiError)) reportFault(error);
}
