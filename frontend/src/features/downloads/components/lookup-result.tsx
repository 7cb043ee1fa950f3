// SPDX-License-Identifier: MPL-2.0

import { Size } from "@/components/size";
import { Status } from "@/components/status";
import { Anchor } from "@/components/ui/anchor";
import type { MicrosoftRow } from "@/lib/api/schema";
import { useAuth } from "@/lib/auth/use-auth";
import { duration } from "@/lib/format/time";
import { paths } from "@/lib/paths";
import { downloads } from "@/lib/texts/downloads";

import classes from "./downloads.module.css";

const words = downloads.microsoft;

/** What came of a lookup: a file, a reason why there is none, or that it still goes on. */
export function LookupResult({ row }: { row: MicrosoftRow }) {
  if (row.file !== null) return <StoredFile file={row.file} />;
  if (row.error !== null)
    return (
      <>
        <Status name="missing" text={words.states.failed} />{" "}
        <span className={classes["error"]}>{row.error}</span>
      </>
    );
  if (row.skipped) return <Status name="skipped" text={words.states.skipped} />;
  return <Status name="incomplete" text={words.states.incomplete} />;
}

function StoredFile({ file }: { file: NonNullable<MicrosoftRow["file"]> }) {
  const { may } = useAuth();
  return (
    <>
      <Status name="stored" />{" "}
      {may("upload.view_all_uploads") ? (
        <Anchor to={paths.file(file.id)}>
          <Size bytes={file.original_size} />
        </Anchor>
      ) : (
        <Size bytes={file.original_size} />
      )}
    </>
  );
}

/** How long a lookup took. */
export function LookupTime({ row }: { row: MicrosoftRow }) {
  if (row.completed_at === null) return words.notYet;
  const milliseconds = Date.parse(row.completed_at) - Date.parse(row.created_at);
  return duration(Math.max(milliseconds, 0) / 1000);
}
