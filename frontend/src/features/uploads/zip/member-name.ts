// SPDX-License-Identifier: MPL-2.0

import { NotAZipError } from "./not-a-zip-error";

const MAX_NAME_BYTES = 1024; // no symbol key is longer
/** What the bytes 0x80 to 0xff of a name are that is not said to be UTF-8: code page 437. */
const UPPER_HALF =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ ";

/** Decode a member's name as the server does. Throws NotAZipError. */
export function decodeName(bytes: Uint8Array, isUtf8: boolean): string {
  if (bytes.length > MAX_NAME_BYTES) {
    throw new NotAZipError(`The archive has a name of more than ${String(MAX_NAME_BYTES)} bytes`);
  }
  if (!isUtf8) {
    return Array.from(bytes, (byte) =>
      byte < 0x80 ? String.fromCharCode(byte) : UPPER_HALF.charAt(byte - 0x80),
    ).join("");
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new NotAZipError("The archive has a name that is not UTF-8");
  }
}
