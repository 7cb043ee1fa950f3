// SPDX-License-Identifier: MPL-2.0

import { FilteredList } from "@/components/data-list/filtered-list";
import type { Column, ListFilter } from "@/components/data-list/types";
import { Mono } from "@/components/mono";
import { NeedReader } from "@/components/need";
import { PageHeader } from "@/components/page-header";
import { Time } from "@/components/time";
import { Anchor } from "@/components/ui/anchor";
import { Button } from "@/components/ui/button";
import { rowsAt } from "@/lib/api/rows";
import type { MissingRow } from "@/lib/api/schema";
import { grouped } from "@/lib/format/size";
import { downloads } from "@/lib/texts/downloads";

import { symbolColumns } from "./components/symbol-columns";

const words = downloads.missing;

const filters: ListFilter[] = [
  { name: "symbol", label: words.symbol, placeholder: "xul.pdb" },
  { name: "debugid", label: words.debugId, placeholder: "44E4EC" },
  { name: "filename", label: words.filename, placeholder: "= xul.sym" },
  { name: "modified_at", label: words.lastAsked, kind: "time", placeholder: ">= yesterday" },
  { name: "count", label: words.days, kind: "count", placeholder: ">= 10" },
];

const columns: Column<MissingRow>[] = [
  ...symbolColumns(words),
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

/** Symbols that were asked for and are not here, and their daily report. */
export function Component() {
  return (
    <NeedReader>
      <PageHeader
        title={words.title}
        action={
          <Button href="/missingsymbols.csv" variant="default">
            {words.report}
          </Button>
        }
      >
        {words.about}{" "}
        <Anchor href="/missingsymbols.csv?today=1" underline="always">
          {words.reportToday}
        </Anchor>
      </PageHeader>
      <FilteredList
        name="missing"
        words={words}
        filters={filters}
        columns={columns}
        load={rowsAt("/api/downloads/missing/", "missing")}
        news
      />
    </NeedReader>
  );
}
