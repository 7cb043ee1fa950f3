// SPDX-License-Identifier: MPL-2.0

import type { Frame } from "./answer";
import { readSourceFile } from "./source-links";

const LONGEST_PATH = 30; // characters, beside a name on one line
// What is not of the build that it is compiled into, and shares no folder with it.
const OF_THE_SYSTEM =
  /^(?:\/usr\/(?:include|lib(?:32|64)?|share|local\/include)|\/rustc\/[0-9a-f]+|.*\/\.cargo\/registry\/src\/[^/]+|\/Applications\/Xcode[^/]*\.app)\//;

/** The folders that all files of a module share, by its name; `""` where they share none. */
export type Prefixes = ReadonlyMap<string, string>;

/** Find what the paths of each module begin with, those of its inlined calls, too. */
export function commonPrefixes(frames: Iterable<Frame>): Prefixes {
  const folders = new Map<string, string[]>();
  for (const frame of frames) {
    const module = frame.module ?? "";
    for (const file of filesOf(frame)) {
      const path = withoutDots(readSourceFile(file, null).path);
      if (OF_THE_SYSTEM.test(path)) continue;
      const found = foldersOf(path);
      const known = folders.get(module);
      folders.set(module, known === undefined ? found : sharedStart(known, found));
    }
  }
  return new Map([...folders].map(([module, parts]) => [module, parts.join("")]));
}

/**
 * Return a path without what all of its module begin with, and without so many of its first folders that
 * it stands on a line with a name: `src/rgw/driver/rados/rgw_rados.cc` becomes `…/rados/rgw_rados.cc`.
 */
export function shortPath(whole: string, prefix: string): string {
  const path = withoutDots(whole);
  const system = OF_THE_SYSTEM.exec(path)?.[0];
  const start = system ?? (path.startsWith(prefix) ? prefix : "");
  const left = path.slice(start.length);
  return left.length <= LONGEST_PATH ? left : lastFolders(left);
}

/** Return a path without the parts that lead nowhere: `./src/./a.c` is `src/a.c`. */
function withoutDots(path: string): string {
  return path.replace(/(^|[\\/])(?:\.[\\/]+)+/g, "$1");
}

function lastFolders(path: string): string {
  const parts = path.split(/[\\/]/);
  let short = parts.pop() ?? "";
  for (const part of parts.reverse()) {
    if (part.length + short.length + 3 > LONGEST_PATH) break;
    short = `${part}/${short}`;
  }
  return `…/${short}`;
}

function filesOf({ file, inlines }: Frame): string[] {
  return [file, ...inlines.map((call) => call.file)].filter((path) => path !== null);
}

/** Return the folders of a path, each with its separator: `["/", "src/"]`. */
function foldersOf(path: string): string[] {
  return path.match(/[^\\/]*[\\/]/g) ?? [];
}

function sharedStart(one: readonly string[], other: readonly string[]): string[] {
  const end = one.findIndex((part, at) => part !== other[at]);
  return end === -1 ? [...one] : one.slice(0, end);
}
