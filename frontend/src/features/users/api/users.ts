// SPDX-License-Identifier: MPL-2.0

import { queryOptions } from "@tanstack/react-query";

import { api, orThrow } from "@/lib/api/client";
import type { UserAnswer, UserForm } from "@/lib/api/schema";

/** What all answers about users are kept under. */
export const USERS = "users";

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
