// SPDX-License-Identifier: MPL-2.0

import { queryOptions } from "@tanstack/react-query";

import { api } from "./client";
import { errorOfAnswer } from "./errors";
import type { Heartbeat } from "./schema";

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
