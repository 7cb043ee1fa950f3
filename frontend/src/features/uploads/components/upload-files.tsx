// SPDX-License-Identifier: MPL-2.0

import { useSearchParams } from "react-router";

import { StateMessage } from "@/components/state-message";
import { Title } from "@/components/ui/layout";
import { Tabs } from "@/components/ui/tabs";
import type { UploadDetail } from "@/lib/api/schema";
import { grouped } from "@/lib/format/size";
import { uploads } from "@/lib/texts/uploads";

import { KeyList } from "./key-list";
import { StoredFiles } from "./stored-files";
import classes from "./upload-files.module.css";

const words = uploads.upload;
const TABS = ["stored", "skipped", "ignored"] as const;

/** The files of an upload: what was stored, what was there, and what is never stored. */
export function UploadFiles({ upload }: { upload: UploadDetail }) {
  const counts = {
    stored: upload.files_count,
    skipped: upload.skipped_count,
    ignored: upload.ignored_count,
  };
  const first = counts.stored > 0 || counts.skipped === 0 ? "stored" : "skipped";
  const [parameters, setParameters] = useSearchParams();
  const asked = TABS.find((name) => name === parameters.get("files"));
  return (
    <section className={classes["files"]}>
      <Title order={2}>{words.files}</Title>
      <Tabs
        value={asked ?? first}
        mt="xs"
        onChange={(name) => {
          // The list of another tab has filters and pages of its own.
          setParameters({ files: name }, { replace: true, preventScrollReset: true });
        }}
      >
        <Tabs.List mb="sm">
          {TABS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {words.tabs[name]} ({grouped(counts[name])})
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="stored">
          {counts.stored > 0 ? (
            <StoredFiles id={upload.id} />
          ) : (
            <Nothing title={words.noStored} text={words.noStoredText} />
          )}
        </Tabs.Panel>
        <Tabs.Panel value="skipped">
          {counts.skipped > 0 ? (
            <KeyList label={words.tabs.skipped} keys={upload.skipped_keys} />
          ) : (
            <Nothing title={words.noSkipped} text={words.noSkippedText} />
          )}
        </Tabs.Panel>
        <Tabs.Panel value="ignored">
          {counts.ignored > 0 ? (
            <KeyList label={words.tabs.ignored} keys={upload.ignored_keys} />
          ) : (
            <Nothing title={words.noIgnored} text={words.noIgnoredText} />
          )}
        </Tabs.Panel>
      </Tabs>
    </section>
  );
}

function Nothing({ title, text }: { title: string; text: string }) {
  return (
    <StateMessage title={title}>
      <p>{text}</p>
    </StateMessage>
  );
}
