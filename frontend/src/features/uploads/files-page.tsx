// SPDX-License-Identifier: MPL-2.0

import { Need } from "@/components/need";
import { PageHeader } from "@/components/page-header";
import { uploads } from "@/lib/texts/uploads";

import { FilesList } from "./components/files-list";
import { Sections } from "./components/sections";

export function Component() {
  return (
    <Need permissions={["upload.view_all_uploads"]}>
      <PageHeader title={uploads.files.title} />
      <Sections />
      <FilesList />
    </Need>
  );
}
