// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import { Need } from "@/components/need";
import { PageHeader } from "@/components/page-header";
import { tokens } from "@/lib/texts/tokens";

import { AllTokens } from "./components/all-tokens";

export function Component() {
  return (
    <Need superuser>
      <PageHeader title={tokens.all.title}>{tokens.all.text}</PageHeader>
      <AllTokens />
    </Need>
  );
}
