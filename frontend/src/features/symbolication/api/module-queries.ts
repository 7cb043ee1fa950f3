// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import { queryOptions } from "@tanstack/react-query";

import { api, orThrow } from "@/lib/api/client";

/** Which other ids of a module's name are here; only those who are signed in may ask. */
export function nearModulesQuery(debugFile: string, debugId: string) {
  return queryOptions({
    queryKey: ["near-modules", debugFile, debugId],
    queryFn: ({ signal }) =>
      orThrow(
        api.GET("/api/near/", {
          params: { query: { debug_file: debugFile, debug_id: debugId } },
          signal,
        }),
      ),
  });
}

/** Where the symbol file of a module is, and how large; symbolication looks at try symbols, too. */
export function symbolFileQuery(debugFile: string, debugId: string) {
  const key = `${debugFile}/${debugId}/${debugFile.replace(/\.pdb$/i, "")}.sym`;
  return queryOptions({
    queryKey: ["symbol-file", key],
    queryFn: ({ signal }) =>
      orThrow(api.GET("/api/find/", { params: { query: { key, with_try: true } }, signal })),
  });
}
