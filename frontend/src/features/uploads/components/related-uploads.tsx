// SPDX-License-Identifier: MPL-2.0

import { Time } from "@/components/time";
import { Anchor } from "@/components/ui/anchor";
import { Title } from "@/components/ui/layout";
import type { UploadRow } from "@/lib/api/schema";
import { paths } from "@/lib/paths";
import { uploads } from "@/lib/texts/uploads";

import classes from "./upload-files.module.css";
import { UploadStatus } from "./upload-status";

const words = uploads.upload;

/** Other uploads of the same bytes, if there are any. */
export function RelatedUploads({ uploads: related }: { uploads: UploadRow[] }) {
  if (related.length === 0) return null;
  return (
    <section className={classes["files"]}>
      <Title order={2} mb="xs">
        {words.related}
      </Title>
      <ul className={classes["keys"]}>
        {related.map((upload) => (
          <li key={upload.id} className={classes["related"]}>
            <Anchor to={paths.upload(upload.id)}>{words.title(String(upload.id))}</Anchor>
            <span>{upload.user}</span>
            <Time value={upload.created_at} />
            <UploadStatus upload={upload} />
          </li>
        ))}
      </ul>
    </section>
  );
}
