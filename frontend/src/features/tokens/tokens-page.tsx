// SPDX-License-Identifier: MPL-2.0

import { Plus } from "lucide-react";
import { useState } from "react";

import { Need } from "@/components/need";
import { PageHeader } from "@/components/page-header";
import { Button } from "@/components/ui/button";
import { useDisclosure } from "@/components/ui/hooks";
import type { NewTokenShape } from "@/lib/api/schema";
import { useAuth } from "@/lib/auth/use-auth";
import { tokens } from "@/lib/texts/tokens";

import { CreateToken } from "./components/create-token";
import { NewKey } from "./components/new-key";
import { TokensList } from "./components/tokens-list";

/** One's own tokens, and a form that makes another. */
export function Component() {
  const { isPrivate } = useAuth();
  return (
    <Need permissions={isPrivate ? [] : ["tokens.manage_tokens"]}>
      <Tokens />
    </Need>
  );
}

function Tokens() {
  const [isOpen, { open, close }] = useDisclosure();
  const [made, setMade] = useState<NewTokenShape | null>(null);
  return (
    <>
      <PageHeader
        title={tokens.tokens.title}
        action={
          <Button leftSection={<Plus size={16} />} disabled={made !== null} onClick={open}>
            {tokens.tokens.create}
          </Button>
        }
      >
        {tokens.tokens.text}
      </PageHeader>
      {made !== null && <NewKey token={made} onStored={() => setMade(null)} />}
      <TokensList onCreate={open} />
      {isOpen && (
        <CreateToken
          onClose={close}
          onMade={(token) => {
            close();
            setMade(token);
          }}
        />
      )}
    </>
  );
}
