// SPDX-License-Identifier: MPL-2.0

import { FilteredList } from "@/components/data-list/filtered-list";
import type { Column, ListFilter } from "@/components/data-list/types";
import { Mono } from "@/components/mono";
import { Time } from "@/components/time";
import type { MicrosoftRow } from "@/lib/api/schema";
import { downloads } from "@/lib/texts/downloads";

import { listMicrosoft } from "../api/lists";
import { LookupResult, LookupTime } from "./lookup-result";

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
  {
    key: "symbol",
    title: words.symbol,
    render: (row) => <Mono text={row.symbol} label={words.symbol} short={48} copy={false} />,
  },
  {
    key: "debugid",
    title: words.debugId,
    second: true,
    room: 11,
    render: (row) => <Mono text={row.debugid} label={words.debugId} short />,
  },
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
export function MicrosoftList() {
  return (
    <FilteredList
      name="microsoft"
      words={words}
      filters={filters}
      columns={columns}
      load={listMicrosoft}
      news
    />
  );
}
