// SPDX-License-Identifier: MPL-2.0

import { Need } from "@/components/need";

import { Tokens } from "./components/tokens";

export function Component() {
  return (
    <Need permissions={["tokens.manage_tokens"]}>
      <Tokens />
    </Need>
  );
}
