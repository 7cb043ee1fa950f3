// SPDX-License-Identifier: MPL-2.0

import { dataOf } from "../zip/first-line";
import type { Judgement } from "../zip/judgement";
import { filesOf, readDirectory } from "../zip/read-directory";
import { judgePath } from "../zip/symbol-paths";
import type { Source } from "./contents";

/** A file of an archive that has a symbol key, by its number among the files there. */
interface KeyedFile {
  number: number;
  key: string;
  source: Source;
}

const STORED = 0;

/** Return the files of an archive that would be stored under symbol keys; where native ones go only the server knows. */
export async function keyedFilesOf(file: File, { members }: Judgement): Promise<KeyedFile[]> {
  const entries = filesOf(await readDirectory(file));
  const found: KeyedFile[] = [];
  for (const [number, entry] of entries.entries()) {
    const verdict = members[number]?.verdict;
    if (verdict?.kind !== "stored" || judgePath(entry.name).kind !== "stored") continue;
    const coding = entry.method === STORED ? "plain" : "deflate-raw";
    found.push({
      number,
      key: verdict.key,
      source: { bytes: await dataOf(file, entry), coding },
    });
  }
  return found;
}
