// SPDX-License-Identifier: MPL-2.0

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useParams } from "react-router";

import { LoadFailed } from "@/components/load-failed";
import { Need } from "@/components/need";
import { PageHeader } from "@/components/page-header";
import { Skeleton } from "@/components/ui/skeleton";
import { paths } from "@/lib/paths";
import { uploads } from "@/lib/texts/uploads";

import { uploadQuery } from "./api/uploads";
import { DeleteSymbols } from "./components/delete-symbols";
import { DeletedNote } from "./components/deleted-note";
import { DerivingNote } from "./components/deriving-note";
import { IncompleteNote } from "./components/incomplete-note";
import { RelatedUploads } from "./components/related-uploads";
import { filesOfUpload } from "./components/stored-files";
import { UploadFacts } from "./components/upload-facts";
import { UploadFiles } from "./components/upload-files";
import { Warnings } from "./components/warnings";

export function Component() {
  const { id = "" } = useParams();
  return (
    <Need>
      <PageHeader
        title={uploads.upload.title(id)}
        above={[{ title: uploads.uploads.title, path: paths.uploads }]}
        action={<DeleteAction id={Number(id)} />}
      />
      <OneUpload key={id} id={Number(id)} />
    </Need>
  );
}

function DeleteAction({ id }: { id: number }) {
  const { data: upload } = useQuery(uploadQuery(id));
  if (upload?.deleted_at !== null) return null;
  return <DeleteSymbols what={{ kind: "upload", id }} owner={upload.user} />;
}

function OneUpload({ id }: { id: number }) {
  const { data: upload, error, isFetching, refetch } = useQuery(uploadQuery(id));
  useFilesAfterDeriving(id, upload?.deriving.length ?? 0);
  if (error !== null) {
    return (
      <LoadFailed
        error={error}
        onRetry={() => void refetch()}
        noun={uploads.upload.noun}
        list={{ title: uploads.uploads.title, path: paths.uploads }}
      />
    );
  }
  if (upload === undefined) return <Skeleton height={320} />;
  return (
    <>
      <Warnings />
      <DeletedNote of={upload} />
      {upload.completed_at === null && upload.deleted_at === null && (
        <IncompleteNote upload={upload} isLooking={isFetching} onLook={() => void refetch()} />
      )}
      {upload.deriving.length > 0 && <DerivingNote modules={upload.deriving} />}
      <UploadFacts upload={upload} />
      <UploadFiles upload={upload} />
      <RelatedUploads uploads={upload.related} />
    </>
  );
}

/** Ask for the list of files again when symbols of a module have been made, or have not. */
function useFilesAfterDeriving(id: number, count: number): void {
  const client = useQueryClient();
  const before = useRef(count);
  useEffect(() => {
    if (count < before.current) void client.invalidateQueries({ queryKey: [filesOfUpload(id)] });
    before.current = count;
  }, [client, id, count]);
}
