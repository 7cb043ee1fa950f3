// SPDX-License-Identifier: MPL-2.0

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
