// SPDX-License-Identifier: MPL-2.0

import { Need } from "@/components/need";
import { useAuth } from "@/lib/auth/use-auth";

import { Tokens } from "./components/tokens";

export function Component() {
  const { isPrivate } = useAuth();
  return (
    <Need permissions={isPrivate ? [] : ["tokens.manage_tokens"]}>
      <Tokens />
    </Need>
  );
}
