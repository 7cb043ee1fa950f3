// SPDX-License-Identifier: MPL-2.0

/** Return what an entry of the audit trail has to tell more: `groups: Uploaders; days: 30`. */
export function detailsText(details: Readonly<Record<string, unknown>>): string {
  return Object.entries(details)
    .filter(([, value]) => value !== "" && value !== null)
    .map(([name, value]) => `${name.replaceAll("_", " ")}: ${textOf(value)}`)
    .join("; ");
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(textOf).join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}
