// SPDX-License-Identifier: MPL-2.0

import { queryOptions } from "@tanstack/react-query";

import type { Rows } from "@/components/data-list/types";
import { api, orThrow } from "@/lib/api/client";
import type { QueryOf } from "@/lib/api/queries";
import type { AuditRow, UserAnswer, UserForm, UserRow } from "@/lib/api/schema";

/** What all answers about users are kept under. */
export const USERS = "users";

/** Return a page of users. */
export async function listUsers(
  query: QueryOf<"/api/_users/">,
  signal: AbortSignal,
): Promise<Rows<UserRow>> {
  const page = await orThrow(api.GET("/api/_users/", { params: { query }, signal }));
  return { ...page, rows: page.users };
}

/** One user, and the groups that there are. */
export function userQuery(id: number) {
  return queryOptions({
    queryKey: [USERS, "one", id],
    queryFn: ({ signal }) =>
      orThrow(api.GET("/api/_users/user/{user_id}", { params: { path: { user_id: id } }, signal })),
  });
}

/** Change a user; what is left out stays. */
export function changeUser(id: number, body: UserForm): Promise<UserAnswer> {
  return orThrow(
    api.POST("/api/_users/user/{user_id}", { params: { path: { user_id: id } }, body }),
  );
}

/** Return a page of the audit trail. */
export async function listAuditEntries(
  query: QueryOf<"/api/audit/">,
  signal: AbortSignal,
): Promise<Rows<AuditRow>> {
  const page = await orThrow(api.GET("/api/audit/", { params: { query }, signal }));
  return { ...page, rows: page.entries };
}
