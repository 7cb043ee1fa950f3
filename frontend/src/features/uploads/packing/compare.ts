// SPDX-License-Identifier: MPL-2.0

import { api, orThrow } from "@/lib/api/client";
import { ApiError } from "@/lib/api/errors";

import type { Fingerprint, Source } from "./contents";
import { fingerprintsOf } from "./job";

const FILES_AT_ONCE = 500; // so many are a small question for a server

/** Where files would go. */
export interface Destination {
  isTry: boolean;
  bucket: string | null;
}

/** A file, and the key that it would have at the server. */
interface Keyed {
  key: string;
  source: Source;
}

/**
 * Return which files the server has already, with the same contents; none where it does not say, or `skip` gives up.
 *
 * Throws ApiError where it does not answer, and what `signal` gives up with.
 */
export async function presentOf<File extends Keyed>(
  files: readonly File[],
  { isTry, bucket }: Destination,
  onRead: (bytes: number) => void,
  signal: AbortSignal,
  skip: AbortSignal,
): Promise<Set<File>> {
  const present = new Set<File>();
  if (files.length === 0 || skip.aborted) return present;
  const stop = AbortSignal.any([signal, skip]);
  try {
    const found = await fingerprintsOf(
      files.map(({ source }) => source),
      onRead,
      stop,
    );
    const told = files.flatMap((file, at) => {
      const fingerprint = found[at];
      return fingerprint ? [{ file, fingerprint }] : [];
    });
    for (let at = 0; at < told.length; at += FILES_AT_ONCE) {
      const some = told.slice(at, at + FILES_AT_ONCE);
      const answer = await ask(some, isTry, bucket, stop);
      for (const position of answer) {
        const known = some[position];
        if (known !== undefined) present.add(known.file);
      }
    }
  } catch (error) {
    if (signal.aborted) throw error;
    // One that refuses the question will say why when the files are sent.
    // oxlint-disable-next-line typescript/no-unnecessary-condition -- it may be by now
    if (skip.aborted || (error instanceof ApiError && error.status > 0)) return present;
    throw error;
  }
  return present;
}

async function ask(
  files: readonly { file: Keyed; fingerprint: Fingerprint }[],
  isTry: boolean,
  bucket: string | null,
  signal: AbortSignal,
): Promise<number[]> {
  const body = {
    files: files.map(({ file, fingerprint }) => ({ key: file.key, ...fingerprint })),
    try: isTry,
    bucket_name: bucket ?? "",
  };
  return (await orThrow(api.POST("/upload/check", { body, signal }))).present;
}
