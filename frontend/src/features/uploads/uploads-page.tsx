// SPDX-License-Identifier: MPL-2.0

import { Need } from "@/components/need";
import { PageHeader } from "@/components/page-header";
import { uploads } from "@/lib/texts/uploads";

import { NewUploadButton } from "./components/new-upload-button";
import { Sections } from "./components/sections";
import { UploadsList } from "./components/uploads-list";

export function Component() {
  return (
    <Need>
      <PageHeader title={uploads.uploads.title} action={<NewUploadButton />} />
      <Sections />
      <UploadsList />
    </Need>
  );
}
