// SPDX-License-Identifier: MPL-2.0

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";

import { ErrorMessage } from "@/components/error-message";
import { Button } from "@/components/ui/button";
import { Checkbox, Switch } from "@/components/ui/checkbox";
import { Group, Stack, Title } from "@/components/ui/layout";
import { splitError } from "@/lib/api/errors";
import type { GroupShape, UserDetail } from "@/lib/api/schema";
import { authQuery, useAuth } from "@/lib/auth/use-auth";
import { users } from "@/lib/texts/users";

import { changeUser, USERS, userQuery } from "../api/users";
import classes from "./users.module.css";

const words = users.user;
const FIELDS = ["groups", "is_active", "is_superuser"];

/** What a superuser can change of somebody. */
export function UserForm({ user, groups }: { user: UserDetail; groups: GroupShape[] }) {
  const isSelf = useAuth().person?.email === user.email;
  const [inGroups, setInGroups] = useState(() => user.groups.map(({ id }) => String(id)));
  const [isActive, setIsActive] = useState(user.is_active);
  const [isSuperuser, setIsSuperuser] = useState(user.is_superuser);
  const client = useQueryClient();
  const saving = useMutation({
    mutationFn: () =>
      changeUser(user.id, {
        groups: inGroups.map(Number),
        is_active: isActive,
        is_superuser: isSuperuser,
      }),
    onSuccess: (answer) => {
      client.setQueryData(userQuery(user.id).queryKey, answer);
      void client.invalidateQueries({ queryKey: [USERS] });
      if (isSelf) void client.invalidateQueries({ queryKey: authQuery.queryKey });
    },
  });
  const { fields, rest } = splitError(saving.error, FIELDS);

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    saving.mutate();
  }

  return (
    <form className={classes["form"]} onSubmit={submit} onChange={saving.reset}>
      <Title order={2}>{words.change}</Title>
      {isSelf && <p>{words.self}</p>}
      <Stack mt="md">
        <Checkbox.Group
          label={words.groups}
          value={inGroups}
          onChange={setInGroups}
          error={fields["groups"]}
        >
          <Stack mt="xs" gap="xs">
            {groups.map(({ id, name }) => (
              <Checkbox key={id} value={String(id)} label={name} description={groupText(name)} />
            ))}
          </Stack>
        </Checkbox.Group>
        <Switch
          label={users.users.active}
          description={words.activeText}
          checked={isActive}
          error={fields["is_active"]}
          onChange={(event) => setIsActive(event.currentTarget.checked)}
        />
        <Switch
          label={users.users.superuser}
          description={words.superuserText}
          checked={isSuperuser}
          error={fields["is_superuser"]}
          onChange={(event) => setIsSuperuser(event.currentTarget.checked)}
        />
      </Stack>
      {rest !== null && <ErrorMessage error={rest} title={words.failed} />}
      <Group mt="lg">
        <Button type="submit" loading={saving.isPending}>
          {words.save}
        </Button>
        <span role="status">{saving.isSuccess && words.saved}</span>
      </Group>
    </form>
  );
}

function groupText(name: string): string | undefined {
  const texts: Readonly<Record<string, string>> = words.groupTexts;
  return texts[name];
}
