// SPDX-License-Identifier: MPL-2.0

import { queryOptions } from "@tanstack/react-query";

import { api, orThrow } from "./client";

/** Whether a file is here, in which source, and how large it is. */
function findQuery(key: string, withTry: boolean) {
  return queryOptions({
    queryKey: ["find", key, withTry],
    queryFn: ({ signal }) =>
      orThrow(api.GET("/api/find/", { params: { query: { key, with_try: withTry } }, signal })),
    staleTime: 0, // what is missing may be uploaded at any moment
  });
}

/** The same for the symbol file of a module. */
export function symbolFileQuery(debugFile: string, debugId: string, withTry: boolean) {
  return findQuery(`${debugFile}/${debugId}/${debugFile.replace(/\.pdb$/i, "")}.sym`, withTry);
}

/** Which other ids of a debug file are here; only those who are signed in may ask. */
export function nearQuery(debugFile: string, debugId: string) {
  return queryOptions({
    queryKey: ["near", debugFile, debugId],
    queryFn: ({ signal }) =>
      orThrow(
        api.GET("/api/near/", {
          params: { query: { debug_file: debugFile, debug_id: debugId } },
          signal,
        }),
      ),
  });
}
