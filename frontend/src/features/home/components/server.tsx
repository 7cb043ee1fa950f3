// SPDX-License-Identifier: MPL-2.0

import { useQuery } from "@tanstack/react-query";

import { Facts } from "@/components/facts";
import { Anchor } from "@/components/ui/anchor";
import { Title } from "@/components/ui/layout";
import { useAppSettings } from "@/lib/app-settings";
import { paths } from "@/lib/paths";
import { home } from "@/lib/texts/home";

import { settingsQuery, versionsQuery } from "../api/server";
import { statsQuery } from "../api/stats";
import { Folded } from "./folded";
import { Health } from "./health";
import classes from "./home.module.css";
import { ValuesTable } from "./values-table";

const words = home.server;

/** For superusers: how the server is, and what it runs with. */
export function Server() {
  const version = useAppSettings()?.version ?? "";
  const users = useQuery(statsQuery).data?.users;
  return (
    <section className={classes["server"]} aria-label={words.title}>
      <Title order={2}>{words.title}</Title>
      <Facts
        facts={[
          [words.version, version],
          [
            words.users,
            <Anchor key="users" to={paths.users}>
              {users && words.usersText(users.total, users.active, users.superusers)}
            </Anchor>,
          ],
          [
            words.audit,
            <Anchor key="audit" to={paths.audit}>
              {words.auditText}
            </Anchor>,
          ],
          [
            words.tasks,
            <Anchor key="tasks" to={paths.tasks}>
              {words.tasksText}
            </Anchor>,
          ],
          [
            words.sources,
            <Anchor key="sources" to={paths.sources}>
              {words.sourcesText}
            </Anchor>,
          ],
        ]}
      />
      <Folded title={words.health} note={words.healthText}>
        <Health />
      </Folded>
      <Folded title={words.settings} note={words.settingsText}>
        <Settings />
      </Folded>
      <Folded title={words.versions} note={words.versionsText}>
        <Versions />
      </Folded>
    </section>
  );
}

function Settings() {
  const { data, error, refetch } = useQuery(settingsQuery);
  return (
    <ValuesTable
      what={words.settings}
      rows={data?.settings}
      withOrigin
      error={error}
      onRetry={() => void refetch()}
    />
  );
}

function Versions() {
  const { data, error, refetch } = useQuery(versionsQuery);
  return (
    <ValuesTable
      what={words.versions}
      rows={data?.versions}
      error={error}
      onRetry={() => void refetch()}
    />
  );
}
