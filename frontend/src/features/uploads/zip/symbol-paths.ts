// SPDX-License-Identifier: MPL-2.0

/**
 * The server's rules for the paths of members, with its words (`tecken.core.archives.layout` and
 * `tecken.core.identifiers`). A test on each side holds both to `../testing/member-names.json`.
 */

const MAX_PART_BYTES = 255;
const MAX_KEY_BYTES = 1024;
const RESERVED = new Set([".index", ".meta", ".parts", ".native"]);
// oxlint-disable-next-line no-control-regex -- control characters are what is refused
const REFUSED_CHARACTER = /[\x00-\x1f\x7f-\xff\\^`><{}[\]#%"'|/\ud800-\udfff]/u;
const HEX = /^[0-9A-Fa-f]+$/;

/** What a member is: a file with a symbol key, one that is not stored, or a reason to refuse all. */
export type PathVerdict =
  | { kind: "stored"; key: string }
  | { kind: "ignored" }
  | { kind: "refused"; reason: string };

export function judgePath(name: string): PathVerdict {
  const parts = name.split("/");
  if (parts[0] === "" || parts.includes("..")) {
    return refused(`The path '${name}' leads out of the archive`);
  }
  for (const part of parts) {
    const problem = partProblem(part);
    if (problem !== null) return refusedPart(name, part, problem);
  }
  if (isIgnored(parts)) return { kind: "ignored" };
  const [debugFile, id, symbolFile] = parts;
  if (parts.length === 3 && debugFile && id && symbolFile && HEX.test(id)) {
    return judgeKey(name, debugFile, id, symbolFile);
  }
  return refused(
    "Unrecognized file pattern. Should only be <module>/<hex>/<file> or <name>-symbols.txt " +
      `and nothing else. (First unrecognized pattern was ${name})`,
  );
}

function judgeKey(name: string, debugFile: string, id: string, symbolFile: string): PathVerdict {
  if (RESERVED.has(debugFile)) return refusedPart(name, debugFile, "is a reserved name");
  const key = `${debugFile}/${id.toUpperCase()}/${symbolFile}`;
  if (byteLength(key) > MAX_KEY_BYTES) {
    return refusedPart(name, key, `is longer than ${String(MAX_KEY_BYTES)} bytes`);
  }
  return { kind: "stored", key };
}

function isIgnored(parts: string[]): boolean {
  if (parts.at(-1) === ".DS_Store") return true;
  return parts.length === 1 && parts[0]?.toLowerCase().endsWith("-symbols.txt") === true;
}

function partProblem(part: string): string | null {
  if (part === "") return "is empty";
  if (part === "." || part === "..") return "is not a file name";
  if (REFUSED_CHARACTER.test(part)) return "contains invalid characters";
  if (byteLength(part) > MAX_PART_BYTES) return `is longer than ${String(MAX_PART_BYTES)} bytes`;
  return null;
}

function refusedPart(name: string, part: string, problem: string): PathVerdict {
  if (problem === "contains invalid characters") {
    return refused(`Invalid character in filename '${name}'`);
  }
  return refused(`'${name}' can never be stored: '${part}' ${problem}`);
}

function refused(reason: string): PathVerdict {
  return { kind: "refused", reason };
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
