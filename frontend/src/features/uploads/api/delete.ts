// SPDX-License-Identifier: MPL-2.0

import { api, orThrow } from "@/lib/api/client";
import type { DeletedAnswer } from "@/lib/api/schema";

/** What may be deleted: all files of an upload, or one file. */
export interface Deletable {
  kind: "upload" | "file";
  id: number;
}

/** Delete files; the same again says what is left. */
export function deleteSymbols({ kind, id }: Deletable, reason: string): Promise<DeletedAnswer> {
  const body = { reason };
  return kind === "upload"
    ? orThrow(
        api.DELETE("/api/uploads/upload/{upload_id}", {
          params: { path: { upload_id: id } },
          body,
        }),
      )
    : orThrow(
        api.DELETE("/api/uploads/files/file/{file_id}", {
          params: { path: { file_id: id } },
          body,
        }),
      );
}
