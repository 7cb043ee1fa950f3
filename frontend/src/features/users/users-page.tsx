// SPDX-License-Identifier: MPL-2.0

import { FilteredList } from "@/components/data-list/filtered-list";
import type { Column, ListFilter } from "@/components/data-list/types";
import { Email } from "@/components/email";
import { Need } from "@/components/need";
import { PageHeader } from "@/components/page-header";
import { Time } from "@/components/time";
import { Anchor } from "@/components/ui/anchor";
import { Group } from "@/components/ui/layout";
import { rowsAt } from "@/lib/api/rows";
import type { UserRow } from "@/lib/api/schema";
import { grouped } from "@/lib/format/size";
import { paths } from "@/lib/paths";
import { lists } from "@/lib/texts/lists";
import { users } from "@/lib/texts/users";

import { USERS } from "./api/users";
import { UserState } from "./components/user-state";

const words = users.users;
// The API counts no further.
const MAX_UPLOADS = 1000;
const yesOrNo = [
  { value: "true", label: words.yes },
  { value: "false", label: words.no },
];

const filters: ListFilter[] = [
  { name: "email", label: words.email, placeholder: "! bot@" },
  { name: "group", label: words.group, placeholder: "Uploaders" },
  { name: "is_active", label: words.active, choices: yesOrNo },
  { name: "is_superuser", label: words.superuser, choices: yesOrNo },
  { name: "created_at", label: words.created, kind: "time", placeholder: ">= 2026-01-01" },
  { name: "last_login", label: words.signedIn, kind: "happened", placeholder: "< 2026-01-01" },
];

const columns: Column<UserRow>[] = [
  {
    key: "email",
    title: words.email,
    sort: "email",
    render: (user) => (
      <Anchor to={paths.user(user.id)}>
        <Email address={user.email} copy={false} />
      </Anchor>
    ),
  },
  { key: "state", title: words.state, render: (user) => <UserState user={user} /> },
  {
    key: "groups",
    title: words.group,
    second: true,
    render: (user) => user.groups.map((group) => group.name).join(", "),
  },
  {
    key: "last_login",
    title: words.signedIn,
    sort: "last_login",
    second: true,
    render: ({ last_login: last }) => (last === null ? lists.never : <Time value={last} />),
  },
  {
    key: "created_at",
    title: words.created,
    sort: "created_at",
    second: true,
    render: (user) => <Time value={user.created_at} />,
  },
  {
    key: "uploads",
    title: words.uploads,
    numeric: true,
    second: true,
    render: ({ uploads_count: count }) => (count > MAX_UPLOADS ? words.many : grouped(count)),
  },
  {
    key: "tokens",
    title: words.tokens,
    numeric: true,
    second: true,
    render: (user) => grouped(user.tokens_count),
  },
];

/** All users. */
export function Component() {
  return (
    <Need superuser>
      <PageHeader
        title={words.title}
        action={
          <Group gap="md">
            <Anchor to={paths.allTokens}>{words.allTokens}</Anchor>
            <Anchor to={paths.audit}>{words.audit}</Anchor>
          </Group>
        }
      >
        {words.text}
      </PageHeader>
      <FilteredList
        name={USERS}
        words={words}
        filters={filters}
        columns={columns}
        load={rowsAt("/api/_users/", "users")}
        rowPath={(user) => paths.user(user.id)}
      />
    </Need>
  );
}
