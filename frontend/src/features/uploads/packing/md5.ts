// SPDX-License-Identifier: MPL-2.0

const BLOCK_BYTES = 64;
const SHIFTS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const;
// 2**32 times the sines of the numbers from 1 to 64 (RFC 1321, 3.4).
const SINES = Int32Array.from({ length: 64 }, (_, at) =>
  Math.floor(Math.abs(Math.sin(at + 1)) * 2 ** 32),
);

/** The MD5 of bytes that come in pieces, which browsers have none of. Source: RFC 1321. */
export class Md5 {
  readonly #state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  readonly #words = new Int32Array(16);
  /** What is left of the bytes before, less than a block. */
  readonly #rest = new Uint8Array(BLOCK_BYTES);
  #restBytes = 0;
  #bytes = 0;

  update(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    let at = 0;
    if (this.#restBytes > 0) {
      at = Math.min(BLOCK_BYTES - this.#restBytes, bytes.length);
      this.#rest.set(bytes.subarray(0, at), this.#restBytes);
      this.#restBytes += at;
      if (this.#restBytes < BLOCK_BYTES) return;
      this.#block(this.#rest, 0);
    }
    for (; at + BLOCK_BYTES <= bytes.length; at += BLOCK_BYTES) this.#block(bytes, at);
    this.#rest.set(bytes.subarray(at));
    this.#restBytes = bytes.length - at;
  }

  /** Return 32 hexadecimal digits. Nothing can be added any more. */
  digest(): string {
    const end = new Uint8Array(this.#restBytes < BLOCK_BYTES - 8 ? BLOCK_BYTES : 2 * BLOCK_BYTES);
    end.set(this.#rest.subarray(0, this.#restBytes));
    end[this.#restBytes] = 0x80;
    const view = new DataView(end.buffer);
    view.setBigUint64(end.length - 8, BigInt(this.#bytes) * 8n, true);
    for (let at = 0; at < end.length; at += BLOCK_BYTES) this.#block(end, at);
    const found = new DataView(new ArrayBuffer(16));
    this.#state.forEach((word, number) => found.setInt32(4 * number, word, true));
    return Array.from(new Uint8Array(found.buffer), (byte) =>
      byte.toString(16).padStart(2, "0"),
    ).join("");
  }

  #block(bytes: Uint8Array, start: number): void {
    const words = this.#words;
    for (let number = 0; number < 16; number += 1) {
      const at = start + 4 * number;
      words[number] =
        byteAt(bytes, at) |
        (byteAt(bytes, at + 1) << 8) |
        (byteAt(bytes, at + 2) << 16) |
        (byteAt(bytes, at + 3) << 24);
    }
    const state = this.#state;
    let [a, b, c, d] = [wordAt(state, 0), wordAt(state, 1), wordAt(state, 2), wordAt(state, 3)];
    for (let step = 0; step < 64; step += 1) {
      const round = step >> 4;
      let mixed: number;
      let number: number;
      if (round === 0) {
        mixed = (b & c) | (~b & d);
        number = step;
      } else if (round === 1) {
        mixed = (d & b) | (~d & c);
        number = (5 * step + 1) & 15;
      } else if (round === 2) {
        mixed = b ^ c ^ d;
        number = (3 * step + 5) & 15;
      } else {
        mixed = c ^ (b | ~d);
        number = (7 * step) & 15;
      }
      const sum = (a + mixed + wordAt(SINES, step) + wordAt(words, number)) | 0;
      const shift = SHIFTS[round as 0 | 1 | 2 | 3][(step & 3) as 0 | 1 | 2 | 3];
      a = d;
      d = c;
      c = b;
      b = (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0;
    }
    state[0] = wordAt(state, 0) + a;
    state[1] = wordAt(state, 1) + b;
    state[2] = wordAt(state, 2) + c;
    state[3] = wordAt(state, 3) + d;
  }
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function wordAt(words: Int32Array, at: number): number {
  return words[at] ?? 0;
}
