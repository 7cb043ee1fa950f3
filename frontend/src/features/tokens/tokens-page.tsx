// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import { Need } from "@/components/need";

import { Tokens } from "./components/tokens";

export function Component() {
  return (
    <Need permissions={["tokens.manage_tokens"]}>
      <Tokens />
    </Need>
  );
}
