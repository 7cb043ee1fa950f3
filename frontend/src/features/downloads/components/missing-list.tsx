// SPDX-License-Identifier: MPL-2.0

import { FilteredList } from "@/components/data-list/filtered-list";
import type { Column, ListFilter } from "@/components/data-list/types";
import { Mono } from "@/components/mono";
import { Time } from "@/components/time";
import type { MissingRow } from "@/lib/api/schema";
import { grouped } from "@/lib/format/size";
import { downloads } from "@/lib/texts/downloads";

import { listMissing } from "../api/lists";

const words = downloads.missing;

const filters: ListFilter[] = [
  { name: "symbol", label: words.symbol, placeholder: "xul.pdb" },
  { name: "debugid", label: words.debugId, placeholder: "44E4EC" },
  { name: "filename", label: words.filename, placeholder: "= xul.sym" },
  { name: "modified_at", label: words.lastAsked, kind: "time", placeholder: ">= yesterday" },
  { name: "count", label: words.days, kind: "count", placeholder: ">= 10" },
];

const columns: Column<MissingRow>[] = [
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
  {
    key: "filename",
    title: words.filename,
    second: true,
    room: 11,
    render: (row) => <Mono text={row.filename} label={words.filename} short={48} copy={false} />,
  },
  {
    key: "code",
    title: words.code,
    second: true,
    room: 11,
    render: ({ code_file, code_id }) =>
      code_file === "" && code_id === "" ? (
        words.noCode
      ) : (
        <Mono text={`${code_file} ${code_id}`.trim()} label={words.code} short={48} copy={false} />
      ),
  },
  {
    key: "count",
    title: words.days,
    numeric: true,
    second: true,
    render: (row) => grouped(row.count),
  },
  {
    key: "modified_at",
    title: words.lastAsked,
    sort: "modified_at",
    render: (row) => <Time value={row.modified_at} />,
  },
];

/** The symbols that were asked for and are not here. */
export function MissingList() {
  return (
    <FilteredList
      name="missing"
      words={words}
      filters={filters}
      columns={columns}
      load={listMissing}
      news
    />
  );
}
