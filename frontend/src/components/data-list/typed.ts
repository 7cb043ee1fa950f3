// SPDX-License-Identifier: MPL-2.0

import type { ListFilter } from "./types";

/** What somebody typed into the field of a list. */
interface Typed {
  /** Free text. */
  search: string;
  /** Conditions on columns, by the names of their filters. */
  values: Record<string, string>;
}

const VALUE = String.raw`((?:[<>=!]=?\s*)?(?:"[^"]*"|[^\s"]+))`;

/** Read `linux size:>=10mb uploaded:"24 Nov 2026"`: free text, and what columns must be. */
export function readTyped(text: string, filters: readonly ListFilter[]): Typed {
  const values: Record<string, string> = {};
  const names = patternOf(filters);
  if (names === null) return { search: text.trim(), values };
  const condition = new RegExp(String.raw`(?:^|\s)(${names})\s*(?::\s*|(?=[<>=!]))${VALUE}`, "gi");
  const search = text.replace(condition, (_whole, name: string, value: string) => {
    const filter = filters.find((one) => namesOf(one).includes(name.toLowerCase()));
    if (filter === undefined) return " ";
    const before = values[filter.name];
    const read = value.replaceAll('"', "");
    values[filter.name] = before === undefined ? read : `${before},${read}`;
    return " ";
  });
  return { search: search.trim().replace(/\s+/g, " "), values };
}

/** Whether a text ends in the beginning of a condition, `size:` or `size >=`: of which column, and what is before it. */
export function begunCondition(
  text: string,
  filters: readonly ListFilter[],
): { filter: ListFilter; value: string; rest: string } | null {
  const names = patternOf(filters);
  if (names === null) return null;
  const found = new RegExp(String.raw`(?:^|\s)(${names})\s*(:|[<>=!]=?)\s*$`, "i").exec(text);
  const [, name = "", operator = ""] = found ?? [];
  const filter = filters.find((one) => namesOf(one).includes(name.toLowerCase()));
  if (found === null || filter === undefined) return null;
  const value = operator === ":" ? "" : `${operator} `;
  return { filter, value, rest: text.slice(0, found.index).trimEnd() };
}

/** The filters whose names or values begin with the last word of a text, which has two letters at least. */
export function completionsOf(text: string, filters: readonly ListFilter[]): ListFilter[] {
  const word = lastWordOf(text).toLowerCase();
  if (word.length < 2) return [];
  return filters.filter(
    (filter) =>
      namesOf(filter).some((name) => name.startsWith(word)) ||
      valueBegunIn(text, filter) !== undefined,
  );
}

/** The value of a filter that the last word of a text begins: `incomplete` of `inc`. */
export function valueBegunIn(text: string, { values = [] }: ListFilter): string | undefined {
  const word = lastWordOf(text).toLowerCase();
  return word.length < 2 ? undefined : values.find((value) => value.startsWith(word));
}

/** A text without the word that a completion takes the place of. */
export function withoutLastWord(text: string): string {
  return text.slice(0, text.length - lastWordOf(text).length).trimEnd();
}

function lastWordOf(text: string): string {
  return /\S*$/.exec(text)?.[0] ?? "";
}

/** What a filter may be called: as the page calls it, and as the API does. */
function namesOf({ name, label, also = name }: ListFilter): string[] {
  return [label.toLowerCase(), name, name.replace(/_(?:at|name)$/, ""), also];
}

function patternOf(filters: readonly ListFilter[]): string | null {
  const names = filters.flatMap(namesOf).sort((one, other) => other.length - one.length);
  if (names.length === 0) return null;
  return names.map((name) => name.replace(/[^\w ]/g, String.raw`\$&`)).join("|");
}
