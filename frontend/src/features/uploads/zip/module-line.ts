// SPDX-License-Identifier: MPL-2.0

/** What the first line of a symbol file says against its path. */
type LineVerdict =
  | { kind: "fits" }
  | { kind: "odd"; note: string }
  | { kind: "refused"; reason: string };

const FULL_DEBUG_ID = /^[0-9A-F]{32}[0-9A-F]{1,8}$/;

/**
 * Compare a MODULE line with the symbol key of its file, in the server's words: it refuses the debug
 * id of another module where that in the path is a full one. What is odd besides is only told.
 */
export function judgeLine(key: string, line: string): LineVerdict {
  const [debugFile = "", debugId = ""] = key.split("/");
  const module = moduleOf(line);
  if (module === null) return { kind: "odd", note: `${key} has no MODULE line` };
  if (module.debugId.toUpperCase() !== debugId) {
    const said = `The MODULE line of ${key} has the debug id ${module.debugId}`;
    return FULL_DEBUG_ID.test(debugId)
      ? { kind: "refused", reason: said }
      : { kind: "odd", note: said };
  }
  if (module.debugFile !== debugFile) {
    return { kind: "odd", note: `The MODULE line of ${key} has the name ${module.debugFile}` };
  }
  return { kind: "fits" };
}

/** Read `MODULE <os> <arch> <debug id> <debug file>`; the debug file may contain spaces. */
export function moduleOf(line: string): { debugId: string; debugFile: string } | null {
  const found = /^MODULE [^ ]+ [^ ]+ (?<id>[^ ]+) (?<file>.+)$/s.exec(line);
  if (found?.groups === undefined) return null;
  return { debugId: found.groups["id"] ?? "", debugFile: found.groups["file"] ?? "" };
}
