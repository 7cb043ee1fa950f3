// SPDX-License-Identifier: MPL-2.0

import { Need } from "@/components/need";
import { PageHeader } from "@/components/page-header";
import { useAuth } from "@/lib/auth/use-auth";
import { uploads } from "@/lib/texts/uploads";

import { BackfillButton } from "./components/backfill-button";
import { CreatedList } from "./components/created-list";
import { Sections } from "./components/sections";

export function Component() {
  const { isSuperuser } = useAuth();
  return (
    <Need permissions={["upload.view_all_uploads"]}>
      <PageHeader title={uploads.created.title} action={isSuperuser && <BackfillButton />}>
        {uploads.created.note}
      </PageHeader>
      <Sections />
      <CreatedList />
    </Need>
  );
}
