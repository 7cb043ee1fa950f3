// SPDX-License-Identifier: MPL-2.0

/** Thrown when bytes are no zip that the server could read; the message is the server's. */
export class NotAZipError extends Error {
  constructor(message = "File is not a zip file") {
    super(message);
    this.name = "NotAZipError";
  }
}
