// SPDX-License-Identifier: MPL-2.0

import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";

import type { ListQuery } from "@/lib/api/rows";

/** The name of free text, in the API and in the page's address. */
export const SEARCH = "q";

export interface ListState {
  /** Whether it can be asked for free text. */
  isSearchable: boolean;
  /** What is filtered by: the values of those fields that have one, free text among them. */
  filters: Readonly<Record<string, string>>;
  sort: string | null;
  reverse: boolean;
  page: number;
  /** The same as the API wants it. */
  query: ListQuery;
  /** Change some filters; an empty one is removed. */
  setFilters: (values: Readonly<Record<string, string>>) => void;
  clearFilters: () => void;
  setSort: (field: string) => void;
  setPage: (page: number) => void;
}

/** Filters, sort and page of a list, all of which are in the page's address. */
export function useListState(filterNames: readonly string[]): ListState {
  const [parameters, setParameters] = useSearchParams();
  const names = filterNames.join(" ");

  const change = useCallback(
    (apply: (next: URLSearchParams) => void, isElsewhere = false) => {
      setParameters(
        (current) => {
          const next = new URLSearchParams(current);
          apply(next);
          return next;
        },
        { preventScrollReset: !isElsewhere }, // another page is read from its top
      );
    },
    [setParameters],
  );

  return useMemo(() => {
    const given = readState(parameters, names.split(" ").filter(Boolean));
    return {
      ...given,
      isSearchable: names.split(" ").includes(SEARCH),
      setFilters: (values) =>
        change((next) => {
          for (const [name, value] of Object.entries(values)) {
            if (value.trim() === "") next.delete(name);
            else next.set(name, value.trim());
          }
          next.delete("page");
        }),
      clearFilters: () =>
        change((next) => {
          for (const name of [...names.split(" "), "page"]) next.delete(name);
        }),
      setSort: (field) => change((next) => nextSort(next, field)),
      setPage: (page) =>
        change((next) => {
          if (page <= 1) next.delete("page");
          else next.set("page", String(page));
        }, true),
    };
  }, [parameters, names, change]);
}

type Given = Pick<ListState, "filters" | "sort" | "reverse" | "page" | "query">;

/** Read the address; other parameters in it are left alone. */
export function readState(parameters: URLSearchParams, names: readonly string[]): Given {
  const filters: Record<string, string> = {};
  for (const name of names) {
    const value = parameters.get(name) ?? "";
    if (value !== "") filters[name] = value;
  }
  const sort = parameters.get("sort");
  const reverse = parameters.get("reverse") === "true";
  const asked = Number(parameters.get("page") ?? 1);
  const page = Number.isInteger(asked) && asked > 0 ? asked : 1;
  const query = {
    ...filters,
    ...(sort === null ? {} : { sort, reverse }),
    ...(page === 1 ? {} : { page }),
  };
  return { filters, sort, reverse, page, query };
}

/** Sort by a field: first downwards, then upwards, then as the list is by itself. */
export function nextSort(parameters: URLSearchParams, field: string): void {
  const isSorted = parameters.get("sort") === field;
  const isReverse = parameters.get("reverse") === "true";
  parameters.delete("page");
  parameters.delete("reverse");
  if (isSorted && !isReverse) {
    parameters.delete("sort");
    return;
  }
  parameters.set("sort", field);
  if (!isSorted) parameters.set("reverse", "true");
}
