// SPDX-License-Identifier: MPL-2.0

/** What takes long with bytes, beside the page, which goes on answering. One job, and then it ends. */

import { fingerprints } from "./contents";
import type { Job, Told } from "./job";
import { writeZip } from "./write-zip";

const TELL_MILLISECONDS = 100;

let read = 0;
let toldAt = 0;

function note(count: number): void {
  read += count;
  const now = performance.now();
  if (now - toldAt < TELL_MILLISECONDS) return;
  toldAt = now;
  tell({ kind: "read", bytes: read });
}

function tell(told: Told): void {
  postMessage(told);
}

async function work(job: Job): Promise<void> {
  try {
    const result =
      job.kind === "fingerprints"
        ? await fingerprints(job.sources, note)
        : await writeZip(job.members, note);
    tell({ kind: "done", result });
  } catch (error) {
    tell({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  }
}

addEventListener("message", ({ data }: MessageEvent<Job>) => void work(data));
