// SPDX-License-Identifier: MPL-2.0

/** Files that were dropped on the page: where they lay in their folder, and what they are for. */

/** What files are for: symbols are uploaded, crashes are symbolicated. */
export type Kind = "symbols" | "crash";

const paths = new WeakMap<File, string>();
const SYMBOLS =
  /\.(?:zip|sym|sym\.gz|pdb|dll|exe|so|dylib|dsym|debug|elf|dl_|ex_|pd_|dbg\.gz|tar\.bz2)$/i;
const CRASHES = /\.(?:dmp|mdmp|txt|log|ips|crash|json)$/i;
const LOOKED_BYTES = 4096;
const MINIDUMP = [0x4d, 0x44, 0x4d, 0x50];

/** Return the path of a file in the folder that was dropped or chosen; its name where there was none. */
export function pathOf(file: File): string {
  return paths.get(file) ?? (file.webkitRelativePath || file.name);
}

/** Return what was dropped, with all files of folders. To be called while the event is handled. */
export function droppedFiles(transfer: DataTransfer | null): Promise<File[]> {
  // jsdom and older browsers have no entries.
  const entries = [...(transfer?.items ?? [])].map((item) =>
    typeof item.webkitGetAsEntry === "function" ? item.webkitGetAsEntry() : null,
  );
  if (entries.length === 0 || entries.some((entry) => entry === null)) {
    return Promise.resolve([...(transfer?.files ?? [])]);
  }
  return filesOf(entries.filter((entry) => entry !== null));
}

/** Say what files are for: by their names, and where those say nothing by their first bytes. */
export async function kindOf(files: readonly File[]): Promise<Kind> {
  const kinds = await Promise.all(files.slice(0, 50).map(kindOfOne));
  return kinds.length > 0 && kinds.every((kind) => kind === "crash") ? "crash" : "symbols";
}

async function kindOfOne(file: File): Promise<Kind> {
  const path = pathOf(file);
  if (path.includes("/") || SYMBOLS.test(path)) return "symbols"; // a folder is that of a build
  if (CRASHES.test(path)) return "crash";
  const head = new Uint8Array(await file.slice(0, LOOKED_BYTES).arrayBuffer());
  const isMinidump = MINIDUMP.every((byte, at) => head[at] === byte);
  const isText = !head.includes(0);
  return isMinidump || (isText && !startsWithModule(head)) ? "crash" : "symbols";
}

function startsWithModule(head: Uint8Array): boolean {
  return String.fromCharCode(...head.subarray(0, 7)) === "MODULE ";
}

async function filesOf(entries: readonly FileSystemEntry[]): Promise<File[]> {
  const found: File[] = [];
  for (const entry of entries) {
    if (isFile(entry)) found.push(await fileOf(entry));
    else if (isFolder(entry)) found.push(...(await filesOf(await entriesOf(entry))));
  }
  return found;
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => {
    entry.file((file) => {
      paths.set(file, entry.fullPath.replace(/^\//, ""));
      resolve(file);
    }, reject);
  });
}

/** Return all entries of a folder, which come in parts. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const found: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return found;
    found.push(...some);
  }
}
