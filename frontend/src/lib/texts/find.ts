// SPDX-License-Identifier: MPL-2.0

/** The words of the box that looks up one file. */
export const find = {
  label: "Is this file here?",
  description: "Its symbol key, <debug file>/<debug id>/<symbol file>, or a URL that ends in one",
  placeholder: "xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2/xul.sym",
  withTry: "Among try symbols, too",
  button: "Look it up",
  key: "symbol key",
  inSource: (source: string) => `in ${source}`,
  download: "Download",
  missing: "No source of this server has it.",
  near: (file: string, shown: number, total: number) =>
    shown < total
      ? `${howMany(total)} other ids of ${file} are here; those next to it:`
      : `Other ids of ${file} are here:`,
  noneNear: (file: string) => `Nothing else called ${file} is here either.`,
  signIn: "Sign in",
  toSeeNear: (file: string) => `to see which other ids of ${file} are here.`,
  wanted: "Who else asked for it",
  failed: "This could not be looked up",
} as const;

const MAX_COUNTED = 10_000;

/** Return `3,028`, or that there are more than are counted. */
export function howMany(count: number): string {
  const number = count.toLocaleString("en-US");
  return count < MAX_COUNTED ? number : `${number} or more`;
}
