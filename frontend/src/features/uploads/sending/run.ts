// SPDX-License-Identifier: MPL-2.0

import { csrfToken } from "@/lib/api/csrf";
import { ApiError, errorOfAnswer } from "@/lib/api/errors";

import { findUpload, lastUploadId } from "../api/last-upload";
import type { Progress } from "./progress";
import { Rate } from "./rate";
import { send } from "./send";

const LOOK_MILLISECONDS = 1000;

/** What somebody has asked to be uploaded: a file or a URL. */
export interface Order {
  file: File | null;
  url: string;
  isTry: boolean;
  bucket: string | null;
  /** How many files of the archive are to be stored, null where nobody knows. */
  files: number | null;
}

/** What the server answered when all was stored. */
interface Finished {
  id: number;
  warnings: string[];
}

/** Return the name that the server gives the archive of an order. */
export function archiveName({ file, url }: Order): string {
  if (file !== null) return file.name;
  const path = URL.canParse(url) ? new URL(url).pathname : url;
  return path.slice(path.lastIndexOf("/") + 1);
}

/**
 * Upload, and tell how far it is: bytes while they go, then files, as the list of uploads tells.
 *
 * Throws ApiError for what the server refuses, and NoAnswerError.
 */
export async function run(
  order: Order,
  email: string,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Finished> {
  const after = await lastUploadId(email, signal);
  const looking = new AbortController();
  const stop = AbortSignal.any([signal, looking.signal]);
  const rate = new Rate();
  const watch = () => {
    onProgress({ phase: "checking", isFetching: order.file === null });
    const sought = {
      email,
      after,
      filename: archiveName(order),
      size: order.file?.size ?? null,
    };
    void watchFiles(sought, order.files, onProgress, stop);
  };
  if (order.file === null) watch();
  try {
    const answer = await send({
      url: "/upload/",
      body: formOf(order),
      headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
      onProgress: (sent, total) => {
        if (order.file === null) return;
        rate.note(sent, performance.now());
        const left = rate.secondsLeft(total);
        onProgress({ phase: "sending", sent, total, rate: rate.bytesPerSecond, left });
      },
      onSent: () => {
        if (order.file !== null) watch();
      },
      signal,
    });
    return finishedOf(answer.response, answer.json);
  } finally {
    looking.abort();
  }
}

function formOf(order: Order): FormData {
  const form = new FormData();
  // Before the archive, so that the server need not read it to know where it goes.
  if (order.isTry) form.append("try", "1");
  if (order.bucket !== null) form.append("bucket_name", order.bucket);
  if (order.file === null) form.append("url", order.url);
  else form.append("archive", order.file, order.file.name);
  return form;
}

function finishedOf(response: Response, json: unknown): Finished {
  if (response.status !== 201) throw errorOfAnswer(response, json);
  const upload = (json as { upload?: { id?: unknown; warnings?: unknown } } | null)?.upload;
  if (typeof upload?.id !== "number") throw new ApiError(response.status, "The answer has no id");
  const warnings = Array.isArray(upload.warnings) ? upload.warnings.map(String) : [];
  return { id: upload.id, warnings };
}

/** Look once a second how many files are stored, until told to stop. Trouble with that is passed over. */
async function watchFiles(
  sought: Parameters<typeof findUpload>[0],
  total: number | null,
  onProgress: (progress: Progress) => void,
  stop: AbortSignal,
): Promise<void> {
  for (;;) {
    await pause(LOOK_MILLISECONDS, stop);
    if (stop.aborted) return;
    const upload = await findUpload(sought, stop).catch(() => undefined);
    // oxlint-disable-next-line typescript/no-unnecessary-condition -- it may be by now
    if (stop.aborted) return;
    if (upload !== undefined) {
      const stored = upload.files_count - upload.files_incomplete_count;
      onProgress({ phase: "storing", stored, skipped: upload.skipped_count, total });
    }
  }
}

function pause(milliseconds: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      stop.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    stop.addEventListener("abort", done);
  });
}
