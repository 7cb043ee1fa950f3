// SPDX-License-Identifier: MPL-2.0

import type { Column } from "@/components/data-list/types";
import { Mono } from "@/components/mono";
import { Shortened } from "@/components/shortened";
import { Size } from "@/components/size";
import { Status } from "@/components/status";
import { Time } from "@/components/time";
import { Anchor } from "@/components/ui/anchor";
import type { FileRow } from "@/lib/api/schema";
import { paths } from "@/lib/paths";
import { uploads } from "@/lib/texts/uploads";

import classes from "./file-columns.module.css";

const words = uploads.files;

/** What every list of files has. */
export const fileColumns: Column<FileRow>[] = [
  {
    key: "key",
    title: words.name,
    sort: "key",
    render: (file) => (
      <Anchor to={paths.file(file.id)} className={classes["name"] ?? ""}>
        <span title={file.key}>
          <Shortened text={nameOf(file)} most={48} />
        </span>
      </Anchor>
    ),
  },
  {
    key: "debug_id",
    title: words.debugId,
    second: true,
    room: 11,
    render: (file) =>
      file.debug_id === "" ? "–" : <Mono text={file.debug_id} label={words.debugId} short />,
  },
  {
    key: "kind",
    title: words.kind,
    second: true,
    render: (file) => (file.derived ? words.derived : words.kinds[file.kind]),
  },
  {
    key: "state",
    title: words.state,
    sort: "completed_at",
    render: (file) => <FileStatus file={file} />,
  },
  {
    key: "size",
    title: words.size,
    sort: "size",
    numeric: true,
    second: true,
    render: (file) => (file.size === null ? "–" : <Size bytes={file.size} />),
  },
];

export const fileTime: Column<FileRow> = {
  key: "created_at",
  title: words.created,
  sort: "created_at",
  second: true,
  render: (file) => <Time value={file.created_at} />,
};

/** The name of an object, without the folders and ids before it: `xul.sym`. */
function nameOf({ key }: FileRow): string {
  return key.slice(key.lastIndexOf("/") + 1);
}

/** What a file is, and what a native one has. */
export function kindOf(file: FileRow): string {
  const kind = file.derived ? words.derived : words.kinds[file.kind];
  const has = file.has.length > 0 ? ` (${file.has.join(", ")})` : "";
  return `${kind}${has}${words.derivations[file.derivation]}`;
}

/** Whether a file was stored, and whether it took the place of another. */
export function FileStatus({ file }: { file: FileRow }) {
  if (file.deleted_at !== null) return <Status name="deleted" />;
  if (file.completed_at === null) return <Status name="incomplete" />;
  return <Status name="stored" {...(file.update && { text: words.update })} />;
}
