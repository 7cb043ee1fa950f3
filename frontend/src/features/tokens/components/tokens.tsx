// SPDX-License-Identifier: MPL-2.0

import { Plus } from "lucide-react";
import { useState } from "react";

import { PageHeader } from "@/components/page-header";
import { Button } from "@/components/ui/button";
import { useDisclosure } from "@/components/ui/hooks";
import type { NewTokenShape } from "@/lib/api/schema";
import { tokens } from "@/lib/texts/tokens";

import { CreateToken } from "./create-token";
import { NewKey } from "./new-key";
import { TokensList } from "./tokens-list";

/** One's own tokens, and a form that makes another. */
export function Tokens() {
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
      {made !== null && (
        <NewKey
          token={made}
          onStored={() => {
            setMade(null);
          }}
        />
      )}
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
