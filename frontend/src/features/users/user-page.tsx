// SPDX-License-Identifier: MPL-2.0

import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";

import { Facts } from "@/components/facts";
import { LoadFailed } from "@/components/load-failed";
import { Need } from "@/components/need";
import { PageHeader } from "@/components/page-header";
import { Time } from "@/components/time";
import { Anchor } from "@/components/ui/anchor";
import { Skeleton } from "@/components/ui/skeleton";
import type { UserDetail } from "@/lib/api/schema";
import { grouped } from "@/lib/format/size";
import { paths } from "@/lib/paths";
import { lists } from "@/lib/texts/lists";
import { permissions } from "@/lib/texts/permissions";
import { users } from "@/lib/texts/users";

import { userQuery } from "./api/users";
import { UserForm } from "./components/user-form";
import { UserState } from "./components/user-state";

const words = users.user;
const MAX_UPLOADS = 1000;

/** One user: the facts, and what this person may do. */
export function Component() {
  const { id } = useParams();
  return (
    <Need superuser>
      <User key={id} id={Number(id)} />
    </Need>
  );
}

function User({ id }: { id: number }) {
  const { data, error, refetch } = useQuery(userQuery(id));
  return (
    <>
      <PageHeader
        title={data?.user.email ?? words.title}
        above={[{ title: users.users.title, path: paths.users }]}
      />
      {error !== null && data === undefined && (
        <LoadFailed
          error={error}
          onRetry={() => void refetch()}
          noun={words.noun}
          list={{ title: users.users.title, path: paths.users }}
        />
      )}
      {data === undefined && error === null && <Skeleton height={400} />}
      {data !== undefined && (
        <>
          <UserFacts user={data.user} />
          <UserForm user={data.user} groups={data.groups} />
        </>
      )}
    </>
  );
}

function UserFacts({ user }: { user: UserDetail }) {
  const { uploads_count: count } = user;
  const ofUser = new URLSearchParams({ user: `=${user.email}` }).toString();
  const named: Readonly<Record<string, { name: string }>> = permissions;
  return (
    <Facts
      facts={[
        [users.users.state, <UserState key="state" user={user} />],
        [users.users.created, <Time key="created" value={user.created_at} />],
        [
          users.users.signedIn,
          user.last_login === null ? lists.never : <Time key="last" value={user.last_login} />,
        ],
        [users.users.tokens, grouped(user.tokens_count)],
        [
          users.users.uploads,
          <Anchor key="uploads" to={`${paths.uploads}?${ofUser}`}>
            {count > MAX_UPLOADS ? users.users.many : grouped(count)}
          </Anchor>,
        ],
        [
          words.permissions,
          user.permissions.map((name) => named[name]?.name ?? name).join(", ") ||
            words.noPermissions,
        ],
        [
          users.audit.title,
          <Anchor key="audit" to={`${paths.audit}?${ofUser}`}>
            {words.audit}
          </Anchor>,
        ],
      ]}
    />
  );
}
