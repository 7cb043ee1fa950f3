// SPDX-License-Identifier: MPL-2.0

import type { LookupAnswer } from "@/lib/api/schema";
import { paths } from "@/lib/paths";

/** What can be chosen of an answer, and the page that it leads to. */
export type Option =
  | { kind: "key"; path: string; name: string; id: string; isFound: boolean; size: number | null }
  | { kind: "name"; path: string; name: string; ids: number; newest: string }
  | { kind: "file"; path: string; name: string; id: string; isTry: boolean; created: string };

/** Return what can be chosen: a whole key first, then names, then files. */
export function optionsOf({ found, names, files }: LookupAnswer): Option[] {
  const options: Option[] = [];
  if (found !== null) {
    const [name = "", id = ""] = found.symbol_key.split("/");
    const path = paths.module(name, id);
    options.push({ kind: "key", path, name, id, isFound: found.found, size: found.size });
  }
  for (const { debug_file: name, ids, newest } of names)
    options.push({ kind: "name", path: paths.module(name), name, ids, newest });
  for (const file of files) {
    if (file.symbol_key === found?.symbol_key && file.file_id === null) continue;
    const { debug_file: name, debug_id: id, try_symbols: isTry, created_at: created } = file;
    const path = file.file_id === null ? paths.module(name, id) : paths.file(file.file_id);
    options.push({
      kind: "file",
      path,
      name: fileName(file.symbol_key) || name,
      id,
      isTry,
      created,
    });
  }
  return options;
}

/** Return the last part of a key; the role of a native file tells nothing beside its name. */
function fileName(key: string): string {
  return key.startsWith(".native/") ? "" : key.slice(key.lastIndexOf("/") + 1);
}
