// SPDX-License-Identifier: MPL-2.0

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { ErrorMessage } from "@/components/error-message";
import { Facts } from "@/components/facts";
import { Status } from "@/components/status";
import { Anchor } from "@/components/ui/anchor";
import { Title } from "@/components/ui/layout";
import { Skeleton } from "@/components/ui/skeleton";
import { healthQuery } from "@/lib/api/health-query";
import { statsQuery } from "@/lib/api/stats-query";
import { useAppSettings } from "@/lib/app-settings";
import { paths } from "@/lib/paths";
import { home } from "@/lib/texts/home";

import { settingsQuery, versionsQuery } from "../queries";
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

const STATUSES = { ok: "works", warning: "warning", error: "fails" } as const;

/** What the server stands on, and how each of it is. */
function Health() {
  const { data, error, refetch } = useQuery(healthQuery);
  if (error !== null) return <ErrorMessage error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton height={120} />;
  return (
    <ul className={classes["health"]}>
      {Object.entries(data.checks).map(([name, state]) => (
        <li key={name}>
          <Status name={STATUSES[state]} />
          <span>
            {name}
            {data.details[name] !== undefined && <>: {data.details[name]}</>}
          </span>
        </li>
      ))}
    </ul>
  );
}

interface Properties {
  title: string;
  /** What is in it, in a few words. */
  note: string;
  children: ReactNode;
}

/** Something that few need: it is asked for when it is opened. */
function Folded({ title, note, children }: Properties) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details
      className={classes["folded"]}
      onToggle={(event) => setIsOpen(event.currentTarget.open)}
    >
      <summary>
        <strong>{title}</strong> <span>{note}</span>
      </summary>
      {isOpen && children}
    </details>
  );
}
