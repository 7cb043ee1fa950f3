// SPDX-License-Identifier: MPL-2.0

import { SlidersHorizontal } from "lucide-react";

import { Pill } from "@/components/ui/badge";
import { Button, CloseButton } from "@/components/ui/button";
import { useDisclosure } from "@/components/ui/hooks";
import { Collapse } from "@/components/ui/layout";
import { asApiError } from "@/lib/api/errors";
import { lists } from "@/lib/texts/lists";
import { useRoom } from "@/lib/use-room";

import classes from "./data-list.module.css";
import { FilterField } from "./filter-field";
import type { ListFilter } from "./types";
import type { ListState } from "./use-list-state";

const NARROW = 40; // rem

interface Properties {
  filters: readonly ListFilter[];
  state: ListState;
  error: Error | null;
}

/** The fields above a list, and a chip for each that is in use. Where it is narrow the fields are folded. */
export function Filters({ filters, state, error }: Properties) {
  const [measure, room] = useRoom();
  const isNarrow = room < NARROW;
  const [isOpen, { toggle }] = useDisclosure(false);
  const problems = error === null ? {} : asApiError(error).fields;
  const isRefused = filters.some(({ name }) => name in problems);
  const fields = (
    <div className={classes["filters"]}>
      {filters.map((filter, index) => (
        <FilterField
          key={filter.name}
          filter={filter}
          value={state.filters[filter.name] ?? ""}
          error={problems[filter.name]?.join(", ")}
          isFirst={index === 0}
          onChange={(value) => {
            state.setFilter(filter.name, value);
          }}
        />
      ))}
    </div>
  );
  return (
    <section ref={measure} aria-label={lists.filters} className={classes["filterArea"]}>
      {isNarrow ? (
        <>
          <Button
            variant="default"
            size="compact-md"
            aria-expanded={isOpen || isRefused}
            leftSection={<SlidersHorizontal size={16} />}
            onClick={toggle}
          >
            {lists.showFilters}
          </Button>
          <Collapse expanded={isOpen || isRefused}>{fields}</Collapse>
        </>
      ) : (
        fields
      )}
      <Chips filters={filters} state={state} />
    </section>
  );
}

function Chips({ filters, state }: Omit<Properties, "error">) {
  const active = filters.filter(({ name }) => state.filters[name] !== undefined);
  if (active.length === 0) return null;
  return (
    <ul className={classes["chips"]} aria-label={lists.activeFilters}>
      {active.map((filter) => (
        <li key={filter.name}>
          <Chip filter={filter} value={state.filters[filter.name] ?? ""} state={state} />
        </li>
      ))}
      <li>
        <Button variant="subtle" size="compact-sm" onClick={state.clearFilters}>
          {lists.clearFilters}
        </Button>
      </li>
    </ul>
  );
}

interface ChipProperties {
  filter: ListFilter;
  value: string;
  state: ListState;
}

function Chip({ filter, value, state }: ChipProperties) {
  return (
    <Pill className={classes["chip"] ?? ""}>
      {filter.label}: {shownValue(filter, value)}
      <CloseButton
        aria-label={lists.removeFilter(filter.label, value)}
        onClick={() => {
          state.setFilter(filter.name, "");
        }}
      />
    </Pill>
  );
}

/** Return what a value is called among the choices, where there are some. */
export function shownValue(filter: ListFilter, value: string): string {
  return filter.choices?.find((choice) => choice.value === value)?.label ?? value;
}
