// SPDX-License-Identifier: MPL-2.0

import { queryOptions, useQuery } from "@tanstack/react-query";

import { api, orThrow } from "../api/client";
import type { AuthShape, PersonShape } from "../api/schema";
import { told } from "../told";

/** Permissions by the names that the server gives them. */
export type Permission =
  | "upload.upload_symbols"
  | "upload.upload_try_symbols"
  | "upload.view_all_uploads"
  | "tokens.manage_tokens";

export interface Auth {
  /** True until the server has said who asks: that is nobody's fault, and nobody is a stranger yet. */
  isLoading: boolean;
  /** Why the server has not said it, where it was asked in vain. */
  error: Error | null;
  person: PersonShape | null;
  signInUrl: string | null;
  signOutUrl: string | null;
  isSuperuser: boolean;
  /** Whether symbols are for who has signed in. */
  isPrivate: boolean;
  /** Whether the person may make API tokens: on a private server everybody's debugger needs one. */
  mayMakeTokens: boolean;
  /** Whether the person has any of the permissions. */
  may: (...permissions: Permission[]) => boolean;
}

const AGAIN_MILLISECONDS = 10_000;

export const authQuery = queryOptions({
  queryKey: ["auth"],
  queryFn: ({ signal }) => orThrow(api.GET("/api/_auth/", { signal })),
  initialData: () => told("auth") as AuthShape | undefined,
  staleTime: 60_000,
  refetchInterval: ({ state }) => (state.status === "error" ? AGAIN_MILLISECONDS : false),
  // Who is signed out may come back from a tab in which to sign in.
  refetchOnWindowFocus: ({ state }) => (state.data?.user ? true : "always"),
});

/** Who asks, and what this person may do. */
export function useAuth(): Auth {
  const { data, error } = useQuery(authQuery);
  return authOf(data, error);
}

function authOf(told: AuthShape | undefined, error: Error | null): Auth {
  const person = told?.user ?? null;
  const names = new Set(person?.permissions.map((permission) => permission.codename));
  const isPrivate = told?.read_requires_login ?? false;
  return {
    isLoading: told === undefined,
    error: told === undefined ? error : null,
    person,
    signInUrl: told?.sign_in_url ?? null,
    signOutUrl: told?.sign_out_url ?? null,
    isSuperuser: person?.is_superuser ?? false,
    isPrivate,
    mayMakeTokens: person !== null && (isPrivate || names.has("tokens.manage_tokens")),
    may: (...permissions) => permissions.some((permission) => names.has(permission)),
  };
}

/** Return where to sign in so that one comes back to a page of this app. */
export function signInUrlFor(signInUrl: string, page: string): string {
  return page === "/" ? signInUrl : `${signInUrl}?next=${encodeURIComponent(page)}`;
}
