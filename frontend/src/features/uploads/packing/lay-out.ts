// SPDX-License-Identifier: MPL-2.0

import { newUpload } from "@/lib/texts/new-upload";

import { firstBytesOf, lineOf } from "../zip/first-line";
import type { ArchiveRules } from "../zip/judge";
import type { JudgedMember, Judgement } from "../zip/judgement";
import { moduleOf } from "../zip/module-line";
import { HEAD_BYTES, isNative } from "../zip/native-kinds";
import { judgePath } from "../zip/symbol-paths";
import type { Source } from "./contents";

/** A file that somebody chose or dropped, and its path in the folder that it came with. */
export interface Loose {
  path: string;
  file: File;
}

/** A file of a zip that is to be made. `key` is where the server would keep it; null where only it knows. */
export interface LooseMember {
  name: string;
  key: string | null;
  source: Source;
}

/** What becomes of loose files: what is told of them, and what goes into their zip. */
interface LaidOut {
  judgement: Judgement;
  members: LooseMember[];
}

// As those of `tecken.client.layout`.
const SYMBOL_FILE = /\.sym(?:\.gz)?$/i;
const ARTEFACT = /\.(?:dl_|ex_|pd_|dbg\.gz|tar\.bz2)$/i;
const GZIP = [0x1f, 0x8b];
const AT_ONCE = 16;
const words = newUpload.loose;

/** Look at the beginnings of files, and say which are symbols and where they go. */
export async function layOut(
  files: readonly Loose[],
  rules: ArchiveRules,
  onLooked: (count: number) => void,
): Promise<LaidOut> {
  const looked: (LooseMember | string)[] = [];
  let count = 0;
  const todo = files.entries();
  const work = async () => {
    for (const [at, file] of todo) {
      looked[at] = await lookAt(file, rules).catch(() => words.unreadable);
      count += 1;
      onLooked(count);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));

  const names = new Map<string, string>();
  const members: LooseMember[] = [];
  const judged = files.map(({ path, file }, at): JudgedMember => {
    const found = looked[at] ?? words.unreadable;
    const twin = typeof found === "string" ? undefined : names.get(found.name);
    if (typeof found === "string" || twin !== undefined) {
      const note = typeof found === "string" ? found : words.twin(twin ?? "");
      return { name: path, size: file.size, verdict: { kind: "ignored" }, note };
    }
    names.set(found.name, path);
    members.push(found);
    return { name: path, size: file.size, verdict: { kind: "stored", key: found.name } };
  });
  return {
    members,
    judgement: {
      members: judged,
      stored: members.length,
      ignored: judged.length - members.length,
      totalBytes: members.reduce((total, { source }) => total + source.bytes.size, 0),
      refusals: members.length === 0 ? [words.none] : [],
    },
  };
}

/** Return what a file is for, or why it is left out. */
async function lookAt({ path, file }: Loose, rules: ArchiveRules): Promise<LooseMember | string> {
  if (file.size > rules.max_member_bytes) return words.tooLarge(rules.max_member_bytes);
  const snippet = rules.forbidden_snippets.find((one) => path.includes(one));
  if (snippet !== undefined) return words.forbidden(snippet);
  if (SYMBOL_FILE.test(path)) return symbolFile(file);
  if (ARTEFACT.test(path)) {
    const key = path.split("/").slice(-3).join("/");
    const verdict = judgePath(key);
    if (verdict.kind !== "stored") return words.noPlace;
    return { name: verdict.key, key: verdict.key, source: { bytes: file, coding: "plain" } };
  }
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  if (!isNative(head)) return words.neither;
  return { name: path, key: null, source: { bytes: file, coding: "plain" } };
}

async function symbolFile(file: File): Promise<LooseMember | string> {
  const magic = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const coding = GZIP.every((byte, at) => magic[at] === byte) ? "gzip" : "plain";
  const module = moduleOf(lineOf(await firstBytesOf(file, coding)));
  if (module === null) return words.noModule;
  const { debugFile, debugId } = module;
  const verdict = judgePath(`${debugFile}/${debugId}/${symbolFileName(debugFile)}`);
  if (verdict.kind !== "stored") {
    return verdict.kind === "refused" ? verdict.reason : words.noModule;
  }
  return { name: verdict.key, key: verdict.key, source: { bytes: file, coding } };
}

/** Return the name of a debug file's symbol file: `xul.sym` for `xul.pdb`, else with `.sym` added. */
function symbolFileName(debugFile: string): string {
  return `${debugFile.replace(/\.pdb$/i, "")}.sym`;
}
