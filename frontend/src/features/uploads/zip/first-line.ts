// SPDX-License-Identifier: MPL-2.0

import type { Entry } from "./read-directory";

const LOCAL_HEADER_BYTES = 30;
const STORED = 0;
const MAX_LINE_BYTES = 16 * 1024; // as far as the server looks
const MAX_READ_BYTES = 64 * 1024;

/** Return the first line of a member, inflating no more than that; null where it cannot be read. */
export async function firstLine(file: Blob, entry: Entry): Promise<string | null> {
  const bytes = await firstBytes(file, entry, (inflated) => inflated.includes(LINE_FEED));
  return bytes === null ? null : lineOf(bytes);
}

/** Return the first bytes of a file, with its first line if that is not very long. Throws what a damaged gzip does. */
export function firstBytesOf(file: Blob, coding: "plain" | "gzip"): Promise<Uint8Array> {
  if (coding === "plain") return bytesOf(file);
  return inflate(file.slice(0, MAX_READ_BYTES), (inflated) => inflated.includes(LINE_FEED), coding);
}

/** Return where the bytes of a member are, compressed as they are there. */
export async function dataOf(file: Blob, { headerOffset, compressedSize }: Entry): Promise<Blob> {
  const header = new DataView(
    await file.slice(headerOffset, headerOffset + LOCAL_HEADER_BYTES).arrayBuffer(),
  );
  const start =
    headerOffset + LOCAL_HEADER_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
  return file.slice(start, start + compressedSize);
}

/**
 * Return the first bytes of a member, inflating until they are `enough`; null where it cannot be read, which the
 * server will say.
 */
export async function firstBytes(
  file: Blob,
  entry: Entry,
  enough: (inflated: Uint8Array) => boolean,
): Promise<Uint8Array | null> {
  try {
    const data = await beginningOf(file, entry);
    return entry.method === STORED ? await bytesOf(data) : await inflate(data, enough);
  } catch {
    return null;
  }
}

async function beginningOf(file: Blob, entry: Entry): Promise<Blob> {
  return (await dataOf(file, entry)).slice(0, MAX_READ_BYTES);
}

async function bytesOf(blob: Blob): Promise<Uint8Array> {
  return new Uint8Array(await blob.slice(0, MAX_LINE_BYTES).arrayBuffer());
}

async function inflate(
  data: Blob,
  enough: (inflated: Uint8Array) => boolean,
  coding: "gzip" | "deflate-raw" = "deflate-raw",
): Promise<Uint8Array> {
  const reader = data.stream().pipeThrough(new DecompressionStream(coding)).getReader();
  let inflated = new Uint8Array();
  try {
    while (inflated.length < MAX_LINE_BYTES && !enough(inflated)) {
      const { done, value } = await reader.read();
      if (done) break;
      inflated = joined(inflated, value);
    }
  } finally {
    void reader.cancel().catch(() => undefined); // the rest is not wanted, whole or not
  }
  return inflated.subarray(0, MAX_LINE_BYTES);
}

const LINE_FEED = 10;

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** Return the first line of bytes. */
export function lineOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(LINE_FEED);
  const text = new TextDecoder("utf-8", { ignoreBOM: true });
  return text.decode(end < 0 ? bytes : bytes.subarray(0, end)).replace(/\r+$/, "");
}
