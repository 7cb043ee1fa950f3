// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import { Anchor } from "@mantine/core";
import { Link } from "react-router";

import { CodeBlock } from "@/components/code-block";
import { DataList } from "@/components/data-list/data-list";
import type { ListFilter } from "@/components/data-list/types";
import { useList } from "@/components/data-list/use-list";
import { useListState } from "@/components/data-list/use-list-state";
import { StateMessage } from "@/components/state-message";
import { useAuth } from "@/lib/auth/use-auth";
import { paths } from "@/lib/paths";
import { uploads } from "@/lib/texts/uploads";

import { listUploads } from "../api/list-uploads";
import { uploadCommand } from "../commands";
import { uploadColumns } from "./upload-columns";

const words = uploads.uploads;

const filters: ListFilter[] = [
  { name: "user", label: words.user, placeholder: "! bot@" },
  { name: "filename", label: words.archive, placeholder: "windows" },
  { name: "size", label: words.size, placeholder: ">= 10mb" },
  { name: "created_at", label: words.created, placeholder: "yesterday" },
  { name: "completed_at", label: words.completed, placeholder: "incomplete" },
  { name: "bucket_name", label: words.bucket, placeholder: "symbols" },
  { name: "download_url", label: words.url, placeholder: "taskcluster" },
  {
    name: "try_symbols",
    label: words.kind,
    choices: [
      { value: "false", label: words.kinds.false },
      { value: "true", label: words.kinds.true },
    ],
  },
];
const filterNames = filters.map((filter) => filter.name);

/** All uploads that the person may see. */
export function UploadsList() {
  const { may, isSuperuser } = useAuth();
  const seesAll = may("upload.view_all_uploads") || isSuperuser;
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
      columns={uploadColumns(seesAll)}
      filters={seesAll ? filters : filters.filter(({ name }) => name !== "user")}
      rowPath={(upload) => paths.upload(upload.id)}
      empty={
        <StateMessage title={words.empty}>
          <p>{words.emptyText}</p>
          <CodeBlock label={words.emptyCommand} text={uploadCommand(window.location.origin)} />
          <Anchor component={Link} to={paths.help}>
            {words.help}
          </Anchor>
        </StateMessage>
      }
    />
  );
}
