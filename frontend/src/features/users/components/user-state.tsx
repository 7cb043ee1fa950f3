// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

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
