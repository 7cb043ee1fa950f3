// SPDX-License-Identifier: MPL-2.0

import { FilteredList } from "@/components/data-list/filtered-list";
import type { Column, ListFilter } from "@/components/data-list/types";
import { NeedReader } from "@/components/need";
import { PageHeader } from "@/components/page-header";
import { Size } from "@/components/size";
import { Status } from "@/components/status";
import { Time } from "@/components/time";
import { Anchor } from "@/components/ui/anchor";
import { rowsAt } from "@/lib/api/rows";
import type { MicrosoftRow } from "@/lib/api/schema";
import { useAppSettings } from "@/lib/app-settings";
import { useAuth } from "@/lib/auth/use-auth";
import { duration } from "@/lib/format/time";
import { paths } from "@/lib/paths";
import { downloads } from "@/lib/texts/downloads";

import classes from "./components/downloads.module.css";
import { symbolColumns } from "./components/symbol-columns";

const words = downloads.microsoft;

const filters: ListFilter[] = [
  {
    name: "state",
    label: words.state,
    choices: [
      { value: "file", label: words.states.file },
      { value: "errors", label: words.states.errors },
      { value: "skipped", label: words.states.skipped },
      { value: "incomplete", label: words.states.incomplete },
    ],
  },
  { name: "error", label: words.error, placeholder: "404" },
  { name: "symbol", label: words.symbol, placeholder: "ntdll.pdb" },
  { name: "debugid", label: words.debugId, placeholder: "44E4EC" },
  { name: "created_at", label: words.started, kind: "time", placeholder: ">= yesterday" },
];

const columns: Column<MicrosoftRow>[] = [
  ...symbolColumns(words),
  { key: "state", title: words.state, render: (row) => <LookupResult row={row} /> },
  {
    key: "created_at",
    title: words.started,
    sort: "created_at",
    render: (row) => <Time value={row.created_at} />,
  },
  {
    key: "took",
    title: words.took,
    second: true,
    numeric: true,
    render: (row) => <LookupTime row={row} />,
  },
];

/** What was looked up at Microsoft's symbol server, and what came of it. */
export function Component() {
  const settings = useAppSettings();
  return (
    <NeedReader>
      <PageHeader title={words.title}>
        {words.about} {settings?.microsoft_lookup === false && words.off}
      </PageHeader>
      <FilteredList
        name="microsoft"
        words={words}
        filters={filters}
        columns={columns}
        load={rowsAt("/api/downloads/microsoft/", "microsoft_downloads")}
        news
      />
    </NeedReader>
  );
}

/** What came of a lookup: a file, a reason why there is none, or that it still goes on. */
function LookupResult({ row }: { row: MicrosoftRow }) {
  if (row.file !== null) return <StoredFile file={row.file} />;
  if (row.error !== null)
    return (
      <>
        <Status name="missing" text={words.states.failed} />{" "}
        <span className={classes["error"]}>{row.error}</span>
      </>
    );
  if (row.skipped) return <Status name="skipped" text={words.states.skipped} />;
  return <Status name="incomplete" text={words.states.incomplete} />;
}

function StoredFile({ file }: { file: NonNullable<MicrosoftRow["file"]> }) {
  const { may } = useAuth();
  return (
    <>
      <Status name="stored" />{" "}
      {may("upload.view_all_uploads") ? (
        <Anchor to={paths.file(file.id)}>
          <Size bytes={file.original_size} />
        </Anchor>
      ) : (
        <Size bytes={file.original_size} />
      )}
    </>
  );
}

/** How long a lookup took. */
function LookupTime({ row }: { row: MicrosoftRow }) {
  if (row.completed_at === null) return words.notYet;
  const milliseconds = Date.parse(row.completed_at) - Date.parse(row.created_at);
  return duration(Math.max(milliseconds, 0) / 1000);
}
