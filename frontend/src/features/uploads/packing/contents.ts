// SPDX-License-Identifier: MPL-2.0

import { Md5 } from "./md5";

/** Bytes of a file, and how they are compressed where they are. */
export interface Source {
  bytes: Blob;
  coding: "plain" | "gzip" | "deflate-raw";
}

/** What tells a file from others of its name: bytes, and MD5 in hexadecimal, of what it has uncompressed. */
export interface Fingerprint {
  size: number;
  md5: string;
}

/** Return the bytes of a source, uncompressed. `onRead` is told how many bytes were read, as they lie there. */
export function contentsOf(
  { bytes, coding }: Source,
  onRead: (count: number) => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const read = bytes.stream().pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        onRead(chunk.byteLength);
        controller.enqueue(chunk);
      },
    }),
  );
  return coding === "plain" ? read : read.pipeThrough(new DecompressionStream(coding));
}

/** Return the fingerprint of each file; null of one that cannot be read, which the server will say. */
export async function fingerprints(
  sources: readonly Source[],
  onRead: (count: number) => void,
): Promise<(Fingerprint | null)[]> {
  const found: (Fingerprint | null)[] = [];
  for (const source of sources) {
    found.push(await fingerprint(source, onRead).catch(() => null));
  }
  return found;
}

async function fingerprint(source: Source, onRead: (count: number) => void): Promise<Fingerprint> {
  const md5 = new Md5();
  let size = 0;
  await contentsOf(source, onRead).pipeTo(
    new WritableStream({
      write(chunk) {
        md5.update(chunk);
        size += chunk.byteLength;
      },
    }),
  );
  return { size, md5: md5.digest() };
}
