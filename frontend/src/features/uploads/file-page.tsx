// SPDX-License-Identifier: MPL-2.0

import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useParams } from "react-router";

import { LoadFailed } from "@/components/load-failed";
import { Need } from "@/components/need";
import { PageHeader } from "@/components/page-header";
import { Button } from "@/components/ui/button";
import { Group } from "@/components/ui/layout";
import { Skeleton } from "@/components/ui/skeleton";
import type { FileDetail } from "@/lib/api/schema";
import { useAuth } from "@/lib/auth/use-auth";
import { paths } from "@/lib/paths";
import { uploads } from "@/lib/texts/uploads";

import { fileQuery } from "./api/uploads";
import { DeleteSymbols } from "./components/delete-symbols";
import { DeletedNote } from "./components/deleted-note";
import { FileFacts } from "./components/file-facts";
import { FileUrls } from "./components/file-urls";
import { LiveSources } from "./components/live-sources";

export function Component() {
  const { id = "" } = useParams();
  return (
    <Need>
      <OneFile key={id} id={Number(id)} />
    </Need>
  );
}

function OneFile({ id }: { id: number }) {
  const { data: file, error, refetch } = useQuery(fileQuery(id));
  return (
    <>
      <Header file={file} />
      {error !== null && (
        <LoadFailed
          error={error}
          onRetry={() => void refetch()}
          noun={uploads.file.noun}
          list={{ title: uploads.uploads.title, path: paths.uploads }}
        />
      )}
      {file === undefined && error === null && <Skeleton height={320} />}
      {file !== undefined && <DeletedNote of={file} />}
      {file !== undefined && <FileFacts file={file} />}
      {file !== undefined && <FileUrls file={file} />}
      {file !== undefined && <LiveSources file={file} />}
    </>
  );
}

function Header({ file }: { file: FileDetail | undefined }) {
  const { may } = useAuth();
  const upload = file?.upload;
  return (
    <PageHeader
      title={file === undefined ? uploads.file.loading : symbolFileOf(file)}
      above={[
        { title: uploads.uploads.title, path: paths.uploads },
        ...(upload
          ? [{ title: uploads.upload.title(String(upload.id)), path: paths.upload(upload.id) }]
          : may("upload.view_all_uploads")
            ? [{ title: uploads.files.title, path: paths.files }]
            : []),
      ]}
      action={
        file?.deleted_at === null && (
          <Group gap="sm">
            <DeleteSymbols what={{ kind: "file", id: file.id }} owner={upload?.user ?? null} />
            {file.completed_at !== null && (
              <Button href={file.url_path} leftSection={<Download size={16} />}>
                {uploads.file.download}
              </Button>
            )}
          </Group>
        )
      }
    />
  );
}

function symbolFileOf(file: FileDetail): string {
  return decodeURIComponent(file.url_path.slice(file.url_path.lastIndexOf("/") + 1));
}
