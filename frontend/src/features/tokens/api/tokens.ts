// SPDX-License-Identifier: MPL-2.0

import { queryOptions } from "@tanstack/react-query";

import type { Rows } from "@/components/data-list/types";
import { api, orThrow } from "@/lib/api/client";
import { errorOfAnswer } from "@/lib/api/errors";
import type { QueryOf } from "@/lib/api/queries";
import type { NewTokenShape, TokenForm, TokenShape } from "@/lib/api/schema";

/** What all answers about tokens are kept under. */
export const TOKENS = "tokens";

/** Return a page of one's own tokens. */
export async function listTokens(
  query: QueryOf<"/api/tokens/">,
  signal: AbortSignal,
): Promise<Rows<TokenShape>> {
  const page = await orThrow(api.GET("/api/tokens/", { params: { query }, signal }));
  return { ...page, rows: page.tokens };
}

/** Return a page of the tokens of everybody. Each email has an @, and who asks for one asks for others'. */
export function listAllTokens(
  query: QueryOf<"/api/tokens/">,
  signal: AbortSignal,
): Promise<Rows<TokenShape>> {
  return listTokens({ ...query, user: query.user ?? "@" }, signal);
}

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
