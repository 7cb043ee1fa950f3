// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import { findQuery } from "@/lib/api/symbol-queries";

/** Where the symbol file of a module is, and how large; symbolication looks at try symbols, too. */
export function symbolFileQuery(debugFile: string, debugId: string) {
  return findQuery(`${debugFile}/${debugId}/${debugFile.replace(/\.pdb$/i, "")}.sym`, true);
}
