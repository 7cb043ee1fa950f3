// SPDX-License-Identifier: MPL-2.0

import { NeedReader } from "@/components/need";
import { PageHeader } from "@/components/page-header";
import { useAppSettings } from "@/lib/app-settings";
import { downloads } from "@/lib/texts/downloads";

import { MicrosoftList } from "./components/microsoft-list";

const words = downloads.microsoft;

/** What was looked up at Microsoft's symbol server. */
export function Component() {
  return (
    <NeedReader>
      <Page />
    </NeedReader>
  );
}

function Page() {
  const settings = useAppSettings();
  return (
    <>
      <PageHeader title={words.title}>
        {words.about} {settings?.microsoft_lookup === false && words.off}
      </PageHeader>
      <MicrosoftList />
    </>
  );
}
