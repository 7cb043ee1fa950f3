// SPDX-License-Identifier: MPL-2.0

import { Need } from "@/components/need";
import { PageHeader } from "@/components/page-header";
import { Anchor } from "@/components/ui/anchor";
import { Group } from "@/components/ui/layout";
import { paths } from "@/lib/paths";
import { users } from "@/lib/texts/users";

import { UsersList } from "./components/users-list";

export function Component() {
  return (
    <Need superuser>
      <PageHeader
        title={users.users.title}
        action={
          <Group gap="md">
            <Anchor to={paths.allTokens}>{users.users.allTokens}</Anchor>
            <Anchor to={paths.audit}>{users.users.audit}</Anchor>
          </Group>
        }
      >
        {users.users.text}
      </PageHeader>
      <UsersList />
    </Need>
  );
}
