// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import { Anchor } from "@mantine/core";
import { Link } from "react-router";

import { DataList } from "@/components/data-list/data-list";
import type { Column, ListFilter } from "@/components/data-list/types";
import { useList } from "@/components/data-list/use-list";
import { useListState } from "@/components/data-list/use-list-state";
import { Size } from "@/components/size";
import { StateMessage } from "@/components/state-message";
import { Status } from "@/components/status";
import { Time } from "@/components/time";
import type { UploadRow } from "@/lib/api/schema";
import { paths } from "@/lib/paths";
import { uploads } from "@/lib/texts/uploads";

import { listUploads } from "../api/list-uploads";

const words = uploads.uploads;

const filters: ListFilter[] = [
  { name: "user", label: words.user, placeholder: "! bot@" },
  { name: "size", label: words.size, placeholder: ">= 10mb" },
  { name: "created_at", label: words.created, placeholder: "yesterday" },
  { name: "completed_at", label: words.completed, placeholder: "incomplete" },
];
const filterNames = filters.map((filter) => filter.name);

const columns: Column<UploadRow>[] = [
  {
    key: "created_at",
    title: words.created,
    sort: "created_at",
    render: (upload) => (
      <Anchor component={Link} to={paths.upload(upload.id)}>
        <Time value={upload.created_at} />
      </Anchor>
    ),
  },
  { key: "user", title: words.user, second: true, render: (upload) => upload.user },
  {
    key: "state",
    title: words.state,
    render: (upload) => <Status name={upload.completed_at === null ? "incomplete" : "complete"} />,
  },
  {
    key: "size",
    title: words.size,
    sort: "size",
    numeric: true,
    render: (upload) => <Size bytes={upload.size} />,
  },
];

/** All uploads that the person may see. */
export function UploadsList() {
  const list = useList({
    name: "uploads",
    state: useListState(filterNames),
    load: listUploads,
    rowKey: (upload) => upload.id,
    news: true,
  });
  return (
    <DataList
      list={list}
      label={words.title}
      nouns={words.nouns}
      columns={columns}
      filters={filters}
      rowPath={(upload) => paths.upload(upload.id)}
      empty={
        <StateMessage title={words.empty}>
          <p>{words.emptyText}</p>
        </StateMessage>
      }
    />
  );
}
