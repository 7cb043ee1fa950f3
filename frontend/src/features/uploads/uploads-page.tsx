// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

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
