// SPDX-License-Identifier: MPL-2.0

import { howMany } from "@/lib/format/size";

const MAX_COUNTED = 1000; // ids of a name, beside others

/** The words of the lookup box, and of the page of a module. */
export const lookup = {
  label: "Look up a file or module",
  open: "Look something up",
  placeholder: "Name, id, key or URL",
  placeholderLarge: "xul.pdb, a debug id or build id, name/ID, a download URL",
  results: "What is here",
  searching: "Searching",
  ids: (count: number) =>
    count === 1
      ? "1 id"
      : `${count.toLocaleString("en-US")}${count >= MAX_COUNTED ? " or more" : ""} ids`,
  newest: "newest",
  try: "try build",
  nothing: "Nothing like it is here",
  signInToSearch: "Sign in to search by name",
  elseId: "; name/ID and ids are found without",
  failed: "The lookup failed",
  announced: (count: number) => (count === 1 ? "1 result" : `${String(count)} results`),
  module: {
    ids: "Ids of this name",
    known: (name: string, total: number) =>
      total === 1
        ? `1 id of ${name} is here.`
        : `${howMany(total)} ids of ${name} are here, newest first.`,
    none: (name: string) => `No symbols of ${name} are here.`,
    noneText: "They appear here once an upload has brought them.",
    debugId: "debug id",
    codeId: "code id",
    key: "symbol key",
    upload: "Upload",
    uploadOf: (id: number) => `Upload ${String(id)}`,
    file: "File",
    download: "Download",
    uploadIts: "Upload its symbols",
    wanted: "Who else asked for it",
    asked: "The id that was looked up",
    inSource: (source: string) => `in ${source}`,
    notHere: "No source of this server has it.",
    like: "Ids like it:",
    signIn: "Sign in",
    toSee: (name: string) => `to see all ids of ${name}.`,
    older: "Show older ids",
  },
} as const;
