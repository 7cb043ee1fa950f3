// SPDX-License-Identifier: MPL-2.0

import { queryOptions } from "@tanstack/react-query";

import { api, orThrow } from "@/lib/api/client";
import { errorOfAnswer } from "@/lib/api/errors";
import { rowsAt } from "@/lib/api/rows";
import type { NewTokenShape, TokenForm, TokenShape } from "@/lib/api/schema";

/** What all answers about tokens are kept under. */
export const TOKENS = "tokens";

/** Return a page of one's own tokens; with a part of an email, of those of others. */
export const listTokens = rowsAt("/api/tokens/", "tokens");

/** The permissions that a new token may have. */
export const grantableQuery = queryOptions({
  queryKey: [TOKENS, "grantable"],
  queryFn: async ({ signal }) => (await orThrow(api.GET("/api/tokens/", { signal }))).permissions,
});

/** Make a token; the answer has its key. */
export function createToken(form: TokenForm): Promise<NewTokenShape> {
  return orThrow(api.POST("/api/tokens/", { body: { notes: "", ...form } }));
}

/** Let a token work for some days more. */
export function extendToken(id: number, days: number): Promise<TokenShape> {
  return orThrow(
    api.POST("/api/tokens/token/{token_id}/extend", {
      params: { path: { token_id: id } },
      body: { days },
    }),
  );
}

/** Delete a token. */
export async function deleteToken(id: number): Promise<void> {
  const { error, response } = await api.DELETE("/api/tokens/token/{token_id}", {
    params: { path: { token_id: id } },
  });
  if (!response.ok) throw errorOfAnswer(response, error);
}
