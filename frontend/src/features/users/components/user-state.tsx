// SPDX-License-Identifier: MPL-2.0

import { Status } from "@/components/status";
import { users } from "@/lib/texts/users";

/** Whether somebody is active, and whether a superuser. */
export function UserState({ user }: { user: { is_active: boolean; is_superuser: boolean } }) {
  return (
    <>
      <Status name={user.is_active ? "active" : "inactive"} />
      {user.is_superuser && (
        <>
          {" "}
          <Status name="superuser" text={users.users.superuser} />
        </>
      )}
    </>
  );
}
