// SPDX-License-Identifier: MPL-2.0

import type { Fingerprint, Source } from "./contents";
import type { ZipMember } from "./write-zip";

/** What a worker is asked for. */
export type Job =
  | { kind: "fingerprints"; sources: readonly Source[] }
  | { kind: "zip"; members: readonly ZipMember[] };

/** What it tells. */
export type Told =
  | { kind: "read"; bytes: number }
  | { kind: "done"; result: (Fingerprint | null)[] | Blob }
  | { kind: "failed"; message: string };

/** A file could not be read to its end: it was moved or changed, say. */
export class UnreadableError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UnreadableError";
  }
}

/** Return the fingerprint of each source, which a worker reads. Throws what `signal` gives up with. */
export async function fingerprintsOf(
  sources: readonly Source[],
  onRead: (bytes: number) => void,
  signal: AbortSignal,
): Promise<(Fingerprint | null)[]> {
  return (await run({ kind: "fingerprints", sources }, onRead, signal)) as (Fingerprint | null)[];
}

/** Return the zip of some files, which a worker makes. Throws UnreadableError, and what `signal` gives up with. */
export async function zipOf(
  members: readonly ZipMember[],
  onRead: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Blob> {
  return (await run({ kind: "zip", members }, onRead, signal)) as Blob;
}

function run(
  job: Job,
  onRead: (bytes: number) => void,
  signal: AbortSignal,
): Promise<(Fingerprint | null)[] | Blob> {
  signal.throwIfAborted();
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  return new Promise<(Fingerprint | null)[] | Blob>((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error));
    worker.addEventListener("message", ({ data }: MessageEvent<Told>) => {
      if (data.kind === "read") onRead(data.bytes);
      else if (data.kind === "done") resolve(data.result);
      else reject(new UnreadableError(data.message));
    });
    worker.addEventListener("error", ({ message }) => reject(new UnreadableError(message)));
    worker.postMessage(job);
  }).finally(() => worker.terminate());
}
