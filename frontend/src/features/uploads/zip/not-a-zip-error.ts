// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

/** Thrown when bytes are no zip that the server could read; the message is the server's. */
export class NotAZipError extends Error {
  constructor(message = "File is not a zip file") {
    super(message);
    this.name = "NotAZipError";
  }
}
