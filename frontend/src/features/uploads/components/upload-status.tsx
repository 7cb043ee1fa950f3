// SPDX-License-Identifier: MPL-2.0

import { Status } from "@/components/status";
import type { UploadRow } from "@/lib/api/schema";

/** Whether an upload is complete, and whether its symbols are of a try build. */
export function UploadStatus({ upload }: { upload: UploadRow }) {
  return (
    <span style={{ display: "inline-flex", flexWrap: "wrap", gap: "0 0.75rem" }}>
      <Status name={nameOf(upload)} />
      {upload.try_symbols && <Status name="try" />}
    </span>
  );
}

function nameOf(upload: UploadRow): "deleted" | "incomplete" | "complete" {
  if (upload.deleted_at !== null) return "deleted";
  return upload.completed_at === null ? "incomplete" : "complete";
}
