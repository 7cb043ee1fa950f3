// SPDX-License-Identifier: MPL-2.0

import { Trash2 } from "lucide-react";

import { Time } from "@/components/time";
import { Notice } from "@/components/ui/notice";
import type { FileDetail, UploadDetail } from "@/lib/api/schema";
import { uploads } from "@/lib/texts/uploads";

const words = uploads.deleting;

/** When, by whom and why something was deleted, and of a file what became of its object. */
export function DeletedNote({ of }: { of: UploadDetail | FileDetail }) {
  if (of.deleted_at === null) return null;
  return (
    <Notice
      role="note"
      color="red"

      icon={<Trash2 />}
      title={words.title}
      mb="md"
    >
      <Time value={of.deleted_at} exact />
      {of.deleted_by !== null && ` ${words.by(of.deleted_by)}`}.{" "}
      {of.delete_reason !== "" && words.because(of.delete_reason)}
      <p style={{ margin: "0.5rem 0 0" }}>
        {"removal" in of ? words.removals[of.removal] : words.stays} {words.replaced}
      </p>
    </Notice>
  );
}
