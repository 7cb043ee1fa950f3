// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import { DataList } from "@/components/data-list/data-list";
import type { Column, ListFilter } from "@/components/data-list/types";
import { useList } from "@/components/data-list/use-list";
import { useListState } from "@/components/data-list/use-list-state";
import { StateMessage } from "@/components/state-message";
import { Time } from "@/components/time";
import type { AuditRow } from "@/lib/api/schema";
import { users } from "@/lib/texts/users";

import { listAuditEntries } from "../api/users";
import { detailsText } from "../details-text";

const words = users.audit;

const filters: ListFilter[] = [
  { name: "user", label: words.who, placeholder: "somebody@" },
  { name: "action", label: words.action, placeholder: "token" },
  { name: "created_at", label: words.when, placeholder: "yesterday" },
];
const filterNames = filters.map((filter) => filter.name);

const columns: Column<AuditRow>[] = [
  { key: "when", title: words.when, render: (entry) => <Time value={entry.created_at} /> },
  { key: "what", title: words.action, render: (entry) => entry.action },
  { key: "about", title: words.about, second: true, render: (entry) => entry.subject_name },
  { key: "by", title: words.by, second: true, render: (entry) => entry.actor_name },
  {
    key: "details",
    title: words.details,
    second: true,
    render: (entry) => detailsText(entry.details),
  },
];

/** What was done to accounts. */
export function AuditList() {
  const list = useList({
    name: "audit",
    state: useListState(filterNames),
    load: listAuditEntries,
    rowKey: (entry) => entry.id,
    news: true,
  });
  return (
    <DataList
      list={list}
      label={words.title}
      nouns={words.nouns}
      columns={columns}
      filters={filters}
      empty={
        <StateMessage title={words.empty}>
          <p>{words.emptyText}</p>
        </StateMessage>
      }
    />
  );
}
