// SPDX-License-Identifier: MPL-2.0

import { CircleDashed } from "lucide-react";

import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import type { UploadDetail } from "@/lib/api/schema";
import { uploads } from "@/lib/texts/uploads";

const words = uploads.upload;

interface Properties {
  upload: UploadDetail;
  isLooking: boolean;
  onLook: () => void;
}

/** Since when an upload is incomplete, and what sending it again does. */
export function IncompleteNote({ upload, isLooking, onLook }: Properties) {
  const left = upload.files_incomplete_count;
  return (
    <Notice
      role="note"
      color="yellow"

      icon={<CircleDashed />}
      title={words.incompleteTitle}
      mb="md"
    >
      <p style={{ margin: "0 0 0.5rem" }}>
        {words.incompleteSince} <Time value={upload.created_at} />.{" "}
        {left === 0 ? words.incompleteNoFiles : words.incomplete(left)} {words.incompleteRetry}
      </p>
      <Button size="compact-sm" variant="default" loading={isLooking} onClick={onLook}>
        {words.refresh}
      </Button>
    </Notice>
  );
}
