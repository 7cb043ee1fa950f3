// SPDX-License-Identifier: MPL-2.0

const LONGEST_FRAGMENT = 60_000; // characters: what chats, mail and all browsers still take
const LARGEST_INPUT = 8 * 1024 * 1024; // bytes: a link may come from anybody

/** The input as the fragment of a link, which no server sees; null where it would be too long. */
export async function encodeFragment(input: string): Promise<string | null> {
  const bytes = await throughStream(new TextEncoder().encode(input), new CompressionStream(FORMAT));
  const fragment = `#z=${toBase64Url(bytes)}`;
  return fragment.length <= LONGEST_FRAGMENT ? fragment : null;
}

/**
 * Return the input in a fragment: `#z=…` as above, or `#text=…`, percent-encoded, for links made by
 * hand. Null where there is none; throws where it is damaged or too large.
 */
export async function decodeFragment(fragment: string): Promise<string | null> {
  const text = /^#text=(.*)$/s.exec(fragment)?.[1];
  if (text !== undefined) return decodeURIComponent(text);
  const base64 = /^#z=([0-9A-Za-z_-]+)$/.exec(fragment)?.[1];
  if (base64 === undefined) return null;
  const bytes = await throughStream(fromBase64Url(base64), new DecompressionStream(FORMAT));
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

const FORMAT = "deflate-raw";

async function throughStream(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array> {
  const writer = stream.writable.getWriter();
  // What goes wrong is thrown by the reader.
  writer
    .write(bytes)
    .then(
      () => writer.close(),
      () => undefined,
    )
    .catch(() => undefined);
  const pieces: Uint8Array[] = [];
  let size = 0;
  const reader = stream.readable.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return joined(pieces, size);
    size += value.length;
    if (size > LARGEST_INPUT) {
      await reader.cancel();
      throw new RangeError("The input in this link is too large");
    }
    pieces.push(value);
  }
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function toBase64Url(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
