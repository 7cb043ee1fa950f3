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
  near: (file: string) => `Other ids of ${file} are here:`,
  noneNear: (file: string) => `Nothing else called ${file} is here either.`,
  signIn: "Sign in",
  toSeeNear: (file: string) => `to see which other ids of ${file} are here.`,
  wanted: "Who else asked for it",
  failed: "This could not be looked up",
} as const;
