// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

/** The words of lists and other shared pieces. */
export const lists = {
  filters: "Filters",
  showFilters: "Filters",
  activeFilters: "Active filters",
  removeFilter: (name: string, value: string) => `Remove the filter ${name} ${value}`,
  clearFilters: "Clear filters",
  newer: "Newer",
  older: "Older",
  previous: "Previous",
  next: "Next",
  paging: "Pages",
  rows: (first: number, last: number) =>
    first === last ? `Row ${String(first)}` : `Rows ${String(first)} to ${String(last)}`,
  noMatch: "Nothing matches",
  noMatchText: (filters: string) => `No row fits ${filters}.`,
  onlyNewest: (count: string) => `Looked for in the newest ${count} rows only.`,
  noSuchPage: "The list is not that long.",
  firstPage: "To the first page",
  newRows: (count: number, one: string, many: string) =>
    count === 1 ? `1 new ${one}` : `${count >= 50 ? "50 or more" : String(count)} new ${many}`,
  show: "Show",
  any: "Any",
  loading: "Loading rows",
  sortBy: (title: string) => `Sort by ${title}`,
  tryAgain: "Try again",
  noSuch: (noun: string) => `There is no such ${noun}`,
  noSuchText: "The address may be mistyped, or it was removed.",
  failed: "This could not be loaded",
  copy: "Copy",
  copied: "Copied",
  copyRefused: "Select it",
  copyWhat: (what: string) => `Copy ${what}`,
  never: "Never",
} as const;

/** The words for how something is; each goes with an icon of its own. */
export const statuses = {
  found: "Found",
  missing: "Missing",
  incomplete: "Incomplete",
  deleted: "Deleted",
  complete: "Complete",
  skipped: "Skipped",
  ignored: "Ignored",
  stored: "Stored",
  try: "Try",
  active: "Active",
  expired: "Expired",
  inactive: "Inactive",
  unknown: "Could not be asked",
  works: "Works",
  fails: "Fails",
  soon: "Expires soon",
  permitted: "Yes",
  forbidden: "No",
  superuser: "Superuser",
  warning: "Warning",
  waiting: "Waiting",
  running: "Running",
  failed: "Failed",
  done: "Done",
} as const;
