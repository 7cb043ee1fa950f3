// SPDX-License-Identifier: MPL-2.0

import { Facts } from "@/components/facts";
import { Mono } from "@/components/mono";
import { Anchor } from "@/components/ui/anchor";
import { Title } from "@/components/ui/layout";
import type { FileDetail } from "@/lib/api/schema";
import { paths } from "@/lib/paths";
import { uploads } from "@/lib/texts/uploads";
import classes from "./live-sources.module.css";

const words = uploads.file;

/** Under which URLs debuggers and other programs ask for a file. */
export function FileUrls({ file }: { file: FileDetail }) {
  if (file.urls.length === 0 || file.completed_at === null || file.deleted_at !== null) return null;
  return (
    <section aria-labelledby="urls" className={classes["live"]}>
      <Title order={2} id="urls">
        {words.urls}
      </Title>
      <p className={classes["note"]}>
        {words.urlsNote}{" "}
        <Anchor to={`${paths.help}#debuggers`} underline="always">
          {words.urlsHelp}
        </Anchor>
      </p>
      <Facts
        facts={file.urls.map(({ dialect, path }) => [
          words.dialect(dialect, path),
          <Mono key={path} text={window.location.origin + path} label={words.url} />,
        ])}
      />
    </section>
  );
}
