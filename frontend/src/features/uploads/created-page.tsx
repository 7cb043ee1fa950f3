// SPDX-License-Identifier: MPL-2.0

import { FilteredList } from "@/components/data-list/filtered-list";
import type { Column, ListFilter } from "@/components/data-list/types";
import { Need } from "@/components/need";
import { PageHeader } from "@/components/page-header";
import { Size } from "@/components/size";
import { Anchor } from "@/components/ui/anchor";
import { rowsAt } from "@/lib/api/rows";
import type { CreatedRow } from "@/lib/api/schema";
import { useAuth } from "@/lib/auth/use-auth";
import { grouped } from "@/lib/format/size";
import { paths } from "@/lib/paths";
import { uploads } from "@/lib/texts/uploads";

import { BackfillButton } from "./components/backfill-button";
import { NewUploadButton } from "./components/new-upload-button";
import { Sections } from "./components/sections";

const words = uploads.created;

const filters: ListFilter[] = [
  { name: "date", label: words.date, kind: "time", placeholder: ">= 2026-11-01" },
  { name: "count", label: words.count, kind: "count", placeholder: "> 10" },
  { name: "size", label: words.size, kind: "size", placeholder: ">= 1gb" },
];

type Counted = "count" | "files" | "skipped" | "ignored";

function counted(name: Counted, second: boolean): Column<CreatedRow> {
  return {
    key: name,
    title: words[name],
    sort: name,
    numeric: true,
    second,
    render: (day) => grouped(day[name]),
  };
}

function sized(name: "size" | "size_avg", title: string, second: boolean): Column<CreatedRow> {
  return {
    key: name,
    title,
    sort: name,
    numeric: true,
    second,
    render: (day) => <Size bytes={day[name]} />,
  };
}

const columns: Column<CreatedRow>[] = [
  {
    key: "date",
    title: words.date,
    sort: "date",
    render: (day) => <Anchor to={uploadsOf(day)}>{day.date}</Anchor>,
  },
  counted("count", false),
  counted("files", true),
  counted("skipped", true),
  counted("ignored", true),
  sized("size", words.size, false),
  sized("size_avg", words.average, true),
];

function uploadsOf(day: CreatedRow): string {
  return `${paths.uploads}?created_at=${day.date}`;
}

/** What was uploaded on each day. */
export function Component() {
  const { isSuperuser } = useAuth();
  return (
    <Need permissions={["upload.view_all_uploads"]}>
      <PageHeader title={words.title} action={isSuperuser && <BackfillButton />}>
        {words.note}
      </PageHeader>
      <Sections />
      <FilteredList
        name="uploads created"
        words={words}
        filters={filters}
        columns={columns}
        load={rowsAt("/api/uploads/created/", "uploads_created")}
        search={false}
        rowPath={uploadsOf}
      >
        <NewUploadButton />
      </FilteredList>
    </Need>
  );
}
