// SPDX-License-Identifier: MPL-2.0

const LARGEST_BYTES = 8 * 1024 * 1024; // what a text field still takes without a pause

const MAGIC = "MDMP"; // begins a minidump

/**
 * Return the minidump among files, by its beginning or its name; null where there is none. Throws an
 * Error for one beside other files, as it is sent alone.
 */
export async function minidumpAmong(files: readonly File[]): Promise<File | null> {
  const starts = await Promise.all(files.map((file) => file.slice(0, MAGIC.length).text()));
  const found = files.find((file, at) => starts[at] === MAGIC || /\.dmp$/i.test(file.name));
  if (found === undefined) return null;
  if (files.length > 1) throw new Error("A minidump is sent alone: choose one file");
  return found;
}

/**
 * Return the texts of files, one after the other: a crash and the list of its modules, say. JSON
 * comes first, as a memory map stands in front of what it belongs to. Throws an Error that says why
 * they cannot be taken.
 */
export async function readFiles(files: readonly File[]): Promise<string> {
  const size = files.reduce((sum, file) => sum + file.size, 0);
  if (size > LARGEST_BYTES)
    throw new Error("Here files may have 8 MB in all: use `tecken symbolicate` for larger ones");
  const texts = await Promise.all(files.map(textOf));
  if (texts.some((text) => text.includes("\0"))) throw new Error("This is no text file");
  const isJson = (text: string) => /^\s*[[{]/.test(text);
  return [...texts.filter(isJson), ...texts.filter((text) => !isJson(text))].join("\n");
}

/** Read a file: in UTF-8, or in UTF-16 where its mark stands in front, as tools of Windows write it. */
async function textOf(file: File): Promise<string> {
  const bytes = await file.arrayBuffer();
  const [first, second] = new Uint8Array(bytes.slice(0, 2));
  const mark = `${String(first)} ${String(second)}`;
  const encoding = { "255 254": "utf-16le", "254 255": "utf-16be" }[mark] ?? "utf-8";
  return new TextDecoder(encoding).decode(bytes);
}
