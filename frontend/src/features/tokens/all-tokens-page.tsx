// SPDX-License-Identifier: MPL-2.0

import { useState } from "react";

import { FilteredList } from "@/components/data-list/filtered-list";
import type { Column, ListFilter } from "@/components/data-list/types";
import { Email } from "@/components/email";
import { Need } from "@/components/need";
import { PageHeader } from "@/components/page-header";
import { Button } from "@/components/ui/button";
import type { ListQuery } from "@/lib/api/rows";
import type { TokenShape } from "@/lib/api/schema";
import { tokens } from "@/lib/texts/tokens";

import { listTokens, TOKENS } from "./api/tokens";
import { DeleteToken } from "./components/delete-token";
import { columns as ownColumns, filters as ownFilters } from "./components/token-columns";
import { tokenName } from "./token-name";

const words = { ...tokens.tokens, ...tokens.all };

const filters: ListFilter[] = [
  { name: "key_prefix", label: words.prefix, placeholder: "3f9a01c2" },
  { name: "user", label: words.user, placeholder: "somebody@" },
  ...ownFilters,
];

// Each email has an @, and who asks for one asks for others'.
const listAllTokens = (query: ListQuery, signal: AbortSignal) =>
  listTokens({ user: "@", ...query }, signal);

/** The tokens of everybody, to find one and to end it. */
export function Component() {
  const [asked, setAsked] = useState<TokenShape | null>(null);
  const columns: Column<TokenShape>[] = [
    {
      key: "user",
      title: words.user,
      render: (token) => <Email address={token.user} />,
    },
    // Beside an owner a phone has no room for a label.
    ...ownColumns.map((column) => (column.key === "label" ? { ...column, second: true } : column)),
    {
      key: "actions",
      title: words.actions,
      second: true,
      bare: true,
      render: (token) => (
        <Button
          variant="default"
          size="compact-sm"
          aria-label={words.deleteOne(tokenName(token))}
          onClick={() => setAsked(token)}
        >
          {words.delete}
        </Button>
      ),
    },
  ];
  return (
    <Need superuser>
      <PageHeader title={words.title}>{words.text}</PageHeader>
      <FilteredList
        name={TOKENS}
        words={words}
        filters={filters}
        columns={columns}
        load={listAllTokens}
      />
      {asked !== null && <DeleteToken token={asked} onClose={() => setAsked(null)} />}
    </Need>
  );
}
