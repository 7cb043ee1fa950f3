// SPDX-License-Identifier: MPL-2.0

import { queryOptions } from "@tanstack/react-query";

import { api, orThrow } from "@/lib/api/client";
import type { DeletedAnswer } from "@/lib/api/schema";

const DERIVING_MILLISECONDS = 4_000;

/** One upload, with its first files; asked for again and again while symbols are made of them. */
export function uploadQuery(id: number) {
  return queryOptions({
    queryKey: ["upload", id],
    queryFn: async ({ signal }) => {
      const params = { path: { upload_id: id } };
      const answer = api.GET("/api/uploads/upload/{upload_id}", { params, signal });
      return (await orThrow(answer)).upload;
    },
    refetchInterval: ({ state }) =>
      (state.data?.deriving.length ?? 0) > 0 ? DERIVING_MILLISECONDS : false,
    refetchIntervalInBackground: false,
  });
}

/** One file. */
export function fileQuery(id: number) {
  return queryOptions({
    queryKey: ["file", id],
    queryFn: async ({ signal }) => {
      const params = { path: { file_id: id } };
      const answer = api.GET("/api/uploads/files/file/{file_id}", { params, signal });
      return (await orThrow(answer)).file;
    },
  });
}

/** What each source says of a file's key at this moment. */
export function sourcesQuery(id: number) {
  return queryOptions({
    queryKey: ["file", id, "sources"],
    queryFn: async ({ signal }) => {
      const params = { path: { file_id: id } };
      const answer = api.GET("/api/uploads/files/file/{file_id}/sources", { params, signal });
      return (await orThrow(answer)).sources;
    },
    staleTime: 0,
  });
}

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

/** Have the last days counted again; return how many had uploads. */
export async function backfill(days: number): Promise<number> {
  const answer = api.POST("/api/uploads/created/backfilled/", { body: { days } });
  return (await orThrow(answer)).backfilled;
}

/** The buckets that the person may upload to. */
export const possibleBucketsQuery = queryOptions({
  queryKey: ["possible buckets"],
  queryFn: async ({ signal }) =>
    (await orThrow(api.GET("/api/uploads/_possible_upload_urls/", { signal }))).urls,
});
