// SPDX-License-Identifier: MPL-2.0

import { useState } from "react";

import { FilteredList } from "@/components/data-list/filtered-list";
import type { Column } from "@/components/data-list/types";
import { Button } from "@/components/ui/button";
import { Group } from "@/components/ui/layout";
import type { TokenShape } from "@/lib/api/schema";
import { tokens } from "@/lib/texts/tokens";

import { listTokens, TOKENS } from "../api/tokens";
import { tokenName } from "../token-name";
import { DeleteToken } from "./delete-token";
import { ExtendToken } from "./extend-token";
import { columns, filters } from "./token-columns";

const words = tokens.tokens;

type Asked = { what: "extend" | "delete"; token: TokenShape } | null;

/** One's own tokens. */
export function TokensList({ onCreate }: { onCreate: () => void }) {
  const [asked, setAsked] = useState<Asked>(null);
  const actions: Column<TokenShape> = {
    key: "actions",
    title: words.actions,
    second: true,
    room: 11,
    bare: true,
    render: (token) => <Actions token={token} onAsk={(what) => setAsked({ what, token })} />,
  };
  const close = () => setAsked(null);
  return (
    <>
      <FilteredList
        name={TOKENS}
        words={words}
        filters={filters}
        columns={[...columns, actions]}
        load={listTokens}
      >
        <Button variant="default" onClick={onCreate}>
          {words.create}
        </Button>
      </FilteredList>
      {asked?.what === "extend" && <ExtendToken token={asked.token} onClose={close} />}
      {asked?.what === "delete" && <DeleteToken token={asked.token} onClose={close} />}
    </>
  );
}

interface ActionsProperties {
  token: TokenShape;
  onAsk: (what: "extend" | "delete") => void;
}

function Actions({ token, onAsk }: ActionsProperties) {
  const name = tokenName(token);
  return (
    <Group gap="xs" wrap="nowrap">
      <Button
        variant="default"
        size="compact-sm"
        aria-label={words.extendOne(name)}
        onClick={() => onAsk("extend")}
      >
        {words.extend}
      </Button>
      <Button
        variant="default"
        size="compact-sm"
        aria-label={words.deleteOne(name)}
        onClick={() => onAsk("delete")}
      >
        {words.delete}
      </Button>
    </Group>
  );
}
