// SPDX-License-Identifier: MPL-2.0

import { FilteredList } from "@/components/data-list/filtered-list";
import type { Column, ListFilter } from "@/components/data-list/types";
import { Email } from "@/components/email";
import { Need } from "@/components/need";
import { PageHeader } from "@/components/page-header";
import { Shortened } from "@/components/shortened";
import { Time } from "@/components/time";
import { rowsAt } from "@/lib/api/rows";
import type { AuditRow } from "@/lib/api/schema";
import { users } from "@/lib/texts/users";

import { detailsText } from "./details-text";

const words = users.audit;

const filters: ListFilter[] = [
  { name: "user", label: words.who, placeholder: "somebody@" },
  { name: "action", label: words.action, placeholder: "token" },
  { name: "created_at", label: words.when, kind: "time", placeholder: "yesterday" },
];

const columns: Column<AuditRow>[] = [
  { key: "when", title: words.when, room: 9, render: (entry) => <Time value={entry.created_at} /> },
  { key: "what", title: words.action, render: (entry) => entry.action },
  {
    key: "about",
    title: words.about,
    second: true,
    room: 13,
    render: ({ subject_name: name }) => <Email address={name} />,
  },
  {
    key: "by",
    title: words.by,
    second: true,
    room: 13,
    render: ({ actor_name: name }) => <Email address={name} />,
  },
  {
    key: "details",
    title: words.details,
    second: true,
    render: (entry) => <Shortened text={detailsText(entry.details)} most={100} />,
    room: 14,
  },
];

/** What was done to accounts. */
export function Component() {
  return (
    <Need superuser>
      <PageHeader title={words.title}>{words.text}</PageHeader>
      <FilteredList
        name="audit"
        words={words}
        filters={filters}
        columns={columns}
        load={rowsAt("/api/audit/", "entries")}
        news
      />
    </Need>
  );
}
