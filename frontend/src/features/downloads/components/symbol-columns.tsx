// SPDX-License-Identifier: MPL-2.0

import type { Column } from "@/components/data-list/types";
import { Mono } from "@/components/mono";

/** The columns of what was asked for: its name and its debug id. */
export function symbolColumns(words: {
  symbol: string;
  debugId: string;
}): Column<{ symbol: string; debugid: string }>[] {
  return [
    {
      key: "symbol",
      title: words.symbol,
      render: (row) => <Mono text={row.symbol} label={words.symbol} short={48} copy={false} />,
    },
    {
      key: "debugid",
      title: words.debugId,
      second: true,
      room: 11,
      render: (row) => <Mono text={row.debugid} label={words.debugId} short />,
    },
  ];
}
