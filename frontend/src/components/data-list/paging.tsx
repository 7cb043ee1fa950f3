// SPDX-License-Identifier: MPL-2.0

import { ChevronLeft, ChevronRight } from "lucide-react";

import { Button } from "@/components/ui/button";
import { grouped } from "@/lib/format/size";
import { lists } from "@/lib/texts/lists";

import classes from "./data-list.module.css";
import type { List } from "./use-list";

interface Properties<Row> {
  list: List<Row>;
  /** Whether the list, as it is by itself, goes from new to old. */
  byTime: boolean;
  /** Called when somebody goes to another page. */
  onGo: () => void;
}

/** Where one is in a list, and the way to the pages beside; nothing when there is one page. */
export function Paging<Row>({ list, byTime, onGo }: Properties<Row>) {
  const { state, rows = [], batchSize, hasNext, onlyNewest } = list;
  if (rows.length === 0 && state.page === 1) return null;
  const first = (state.page - 1) * batchSize + 1;
  const isByTime = byTime && state.sort === null;
  return (
    <nav className={classes["paging"]} aria-label={lists.paging}>
      <span>
        {rows.length > 0 && lists.rows(first, first + rows.length - 1)}
        {onlyNewest !== null && `. ${lists.onlyNewest(grouped(onlyNewest))}`}
      </span>
      {(state.page > 1 || hasNext) && (
        <span className={classes["steps"]}>
          <Button
            variant="default"
            size="compact-md"
            disabled={state.page <= 1}
            leftSection={<ChevronLeft size={16} />}
            onClick={() => {
              onGo();
              state.setPage(state.page - 1);
            }}
          >
            {isByTime ? lists.newer : lists.previous}
          </Button>
          <Button
            variant="default"
            size="compact-md"
            disabled={!hasNext}
            rightSection={<ChevronRight size={16} />}
            onClick={() => {
              onGo();
              state.setPage(state.page + 1);
            }}
          >
            {isByTime ? lists.older : lists.next}
          </Button>
        </span>
      )}
    </nav>
  );
}
