// SPDX-License-Identifier: MPL-2.0

import { permissions } from "@/lib/texts/permissions";
import { tokens } from "@/lib/texts/tokens";

/** Return what a token is called: by its label, or by how its key begins. */
export function tokenName(token: { notes: string; key_prefix: string }): string {
  return token.notes === "" ? `${token.key_prefix}…` : `“${token.notes}”`;
}

/** Return what a permission is called on these pages; those that they do not know, by their name. */
export function permissionWords(permission: { codename: string; name: string }): {
  name: string;
  allows: string;
} {
  const known: Readonly<Record<string, { name: string; allows: string }>> = permissions;
  return known[permission.codename] ?? { name: permission.name, allows: "" };
}

/** Return how long a token can last, as choices; a number of days that is none of them comes first. */
export function daysChoices(usual: number): { value: string; label: string }[] {
  const choices = tokens.days.choices.map(([days, label]) => ({ value: String(days), label }));
  const isKnown = choices.some(({ value }) => value === String(usual));
  return isKnown
    ? choices
    : [{ value: String(usual), label: tokens.days.other(usual) }, ...choices];
}
