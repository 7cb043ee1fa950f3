// SPDX-License-Identifier: MPL-2.0

import { useQuery } from "@tanstack/react-query";

import { CodeBlock } from "@/components/code-block";
import { Email } from "@/components/email";
import { ErrorMessage } from "@/components/error-message";
import { Shortened } from "@/components/shortened";
import { Size } from "@/components/size";
import { Status } from "@/components/status";
import { Time } from "@/components/time";
import { Anchor } from "@/components/ui/anchor";
import { Title } from "@/components/ui/layout";
import { Skeleton } from "@/components/ui/skeleton";
import type { UploadRow } from "@/lib/api/schema";
import { useAuth } from "@/lib/auth/use-auth";
import { paths } from "@/lib/paths";
import { home } from "@/lib/texts/home";

import { latestUploadsQuery } from "../queries";
import classes from "./home.module.css";

const words = home.latest;
const SHOWN = 5;

/** The last five uploads, with their state. */
export function LatestUploads() {
  const { data, error, refetch } = useQuery(latestUploadsQuery);
  const { may } = useAuth();
  const isAll = data?.can_view_all ?? may("upload.view_all_uploads");
  return (
    <section>
      <div className={classes["headLine"]}>
        <Title order={2}>{isAll ? words.title : words.own}</Title>
        <Anchor to={paths.uploads} size="sm">
          {words.all}
        </Anchor>
      </div>
      {error !== null && <ErrorMessage error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton height={220} />}
      {data?.uploads.length === 0 && <Nothing />}
      {data !== undefined && data.uploads.length > 0 && (
        <UploadsTable uploads={data.uploads.slice(0, SHOWN)} withPerson={isAll} />
      )}
    </section>
  );
}

function Nothing() {
  const { may, isSuperuser } = useAuth();
  return (
    <>
      <p>
        {words.empty}{" "}
        {may("upload.upload_symbols", "upload.upload_try_symbols") && (
          <Anchor to={paths.newUpload}>{words.upload}</Anchor>
        )}
      </p>
      {isSuperuser && (
        <>
          <p>{words.demo}</p>
          <CodeBlock label={words.demoCommand} text="tecken demo" />
        </>
      )}
    </>
  );
}

function UploadsTable({ uploads, withPerson }: { uploads: UploadRow[]; withPerson: boolean }) {
  return (
    <table className={classes["uploads"]} aria-label={withPerson ? words.title : words.own}>
      <thead>
        <tr>
          <th scope="col">{words.archive}</th>
          <th scope="col">{words.state}</th>
          <th scope="col">{words.content}</th>
        </tr>
      </thead>
      <tbody>
        {uploads.map((upload) => (
          <tr key={upload.id}>
            <td>
              <Anchor to={paths.upload(upload.id)}>
                <Shortened text={upload.filename} most={40} />
              </Anchor>
              <div className={classes["quiet"]}>
                <Time value={upload.created_at} />
                {withPerson && (
                  <>
                    {", "}
                    <Email address={upload.user} />
                  </>
                )}
              </div>
            </td>
            <td>
              <Status name={stateOf(upload)} />
              {upload.try_symbols && (
                <div className={classes["quiet"]}>
                  <Status name="try" />
                </div>
              )}
            </td>
            <td>
              {upload.files_count === 0 && upload.skipped_count > 0
                ? words.skipped(upload.skipped_count)
                : words.files(upload.files_count)}
              <div className={classes["quiet"]}>
                <Size bytes={upload.size} />
              </div>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function stateOf(upload: UploadRow): "deleted" | "incomplete" | "complete" {
  if (upload.deleted_at !== null) return "deleted";
  return upload.completed_at === null ? "incomplete" : "complete";
}
