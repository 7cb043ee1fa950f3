// SPDX-License-Identifier: MPL-2.0

import { NeedReader } from "@/components/need";
import { PageHeader } from "@/components/page-header";
import { Anchor } from "@/components/ui/anchor";
import { Button } from "@/components/ui/button";
import { downloads } from "@/lib/texts/downloads";

import { MissingList } from "./components/missing-list";

const words = downloads.missing;

/** Symbols that were asked for and are not here, and their daily report. */
export function Component() {
  return (
    <NeedReader>
      <Page />
    </NeedReader>
  );
}

function Page() {
  return (
    <>
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
      <MissingList />
    </>
  );
}
