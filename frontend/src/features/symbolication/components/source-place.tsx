// SPDX-License-Identifier: MPL-2.0

import { readSourceFile } from "../output/source-links";
import { location } from "../output/text";
import classes from "./stack.module.css";

interface Properties {
  file: string | null;
  line: number | null;
}

/** A file and a line, with a link where the file is in a repository that can be looked at. */
export function SourcePlace({ file, line }: Properties) {
  if (file === null) return null;
  const { path, url } = readSourceFile(file, line);
  const text = location(path, line);
  return (
    <span className={classes["place"]} title={file}>
      {url === null ? (
        text
      ) : (
        <a href={url} target="_blank" rel="noreferrer">
          {text}
        </a>
      )}
    </span>
  );
}
