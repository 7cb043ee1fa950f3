// SPDX-License-Identifier: MPL-2.0

import { api, orThrow } from "@/lib/api/client";
import type { UploadRow } from "@/lib/api/schema";

/** Return the newest uploads of a person. */
async function newestOf(email: string, signal: AbortSignal): Promise<UploadRow[]> {
  const query = { user: `=${email}` };
  const page = await orThrow(api.GET("/api/uploads/", { params: { query }, signal }));
  return page.uploads;
}

/** Return the id of a person's last upload, 0 when there is none. */
export async function lastUploadId(email: string, signal: AbortSignal): Promise<number> {
  return (await newestOf(email, signal))[0]?.id ?? 0;
}

/** What tells an upload from others that the same person sends at the same time. */
interface Sought {
  email: string;
  after: number;
  filename: string;
  /** Bytes of the archive, null where only the server knows. */
  size: number | null;
}

/** Return the row of an upload that is under way, undefined while there is none yet. */
export async function findUpload(
  { email, after, filename, size }: Sought,
  signal: AbortSignal,
): Promise<UploadRow | undefined> {
  const rows = await newestOf(email, signal);
  return rows.find(
    (upload) =>
      upload.id > after && upload.filename === filename && (size === null || upload.size === size),
  );
}
