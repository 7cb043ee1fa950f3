// SPDX-License-Identifier: MPL-2.0

import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { CodeBlock } from "@/components/code-block";
import { Email } from "@/components/email";
import { ErrorMessage } from "@/components/error-message";
import { Size } from "@/components/size";
import { Status } from "@/components/status";
import { Time } from "@/components/time";
import { Anchor } from "@/components/ui/anchor";
import { Title } from "@/components/ui/layout";
import { Skeleton } from "@/components/ui/skeleton";
import { Table } from "@/components/ui/table";
import type { UploadRow } from "@/lib/api/schema";
import { useAuth } from "@/lib/auth/use-auth";
import { paths } from "@/lib/paths";
import { home } from "@/lib/texts/home";

import { latestUploadsQuery } from "../api/latest-uploads";
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
        <Anchor component={Link} to={paths.uploads} size="sm">
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
          <Anchor component={Link} to={paths.newUpload}>
            {words.upload}
          </Anchor>
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
    <Table aria-label={withPerson ? words.title : words.own}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{words.when}</Table.Th>
          <Table.Th scope="col">{words.state}</Table.Th>
          <Table.Th scope="col" ta="right">
            {words.content}
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {uploads.map((upload) => (
          <Table.Tr key={upload.id}>
            <Table.Td>
              <Anchor component={Link} to={paths.upload(upload.id)}>
                <Time value={upload.created_at} />
              </Anchor>
              {withPerson && (
                <div className={classes["quiet"]}>
                  <Email address={upload.user} />
                </div>
              )}
            </Table.Td>
            <Table.Td>
              <Status name={upload.completed_at === null ? "incomplete" : "complete"} />
              {upload.try_symbols && (
                <div className={classes["quiet"]}>
                  <Status name="try" />
                </div>
              )}
            </Table.Td>
            <Table.Td ta="right">
              {words.files(upload.files_count)}
              <div className={classes["quiet"]}>
                <Size bytes={upload.size} />
              </div>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
