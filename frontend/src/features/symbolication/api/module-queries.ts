// SPDX-License-Identifier: MPL-2.0

import { findQuery } from "@/lib/api/symbol-queries";

/** Where the symbol file of a module is, and how large; symbolication looks at try symbols, too. */
export function symbolFileQuery(debugFile: string, debugId: string) {
  return findQuery(`${debugFile}/${debugId}/${debugFile.replace(/\.pdb$/i, "")}.sym`, true);
}
