// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

/** The words of the upload form, and of an upload under way. */
export const newUpload = {
  title: "Upload symbols",
  note: "A zip with <module>/<id>/<file> for each file. What the server has already is skipped.",
  from: "Where the archive is",
  ways: { file: "On this computer", url: "At a URL" },
  drop: "Drop a zip here, or",
  choose: "choose a zip",
  chooseOther: "Choose another",
  url: "URL of the zip",
  urlHosts: (hosts: string) => `The server fetches it from ${hosts}.`,
  urlAnyHost: "The server fetches it from any host.",
  urlProblem: {
    none: "Type a URL",
    bad: "This is not a URL",
    insecure: "Insecure URL",
    zip: "The last part of its path must end in .zip",
    host: (host: string) => `Not an allowed domain ('${host}') to download from.`,
  },
  notZip: "The name of the archive must end in .zip",
  try: "These are symbols of a try build",
  tryNote: "They are kept apart from regular ones, and removed after some weeks.",
  tryOnly: "You may upload symbols of try builds only.",
  bucket: "Bucket",
  bucketChoice: (name: string, isDefault: boolean) => (isDefault ? `${name} (default)` : name),
  submit: "Upload",
  refusedSubmit: "The server would refuse this archive",
  reading: "Reading what is inside",
  unreadable: "The file could not be read. It may have been moved or changed; choose it again.",
  contents: {
    title: "What is inside",
    summary: (counts: { stored: number; ignored: number; refused: number }, size: string) =>
      [
        counts.stored === 1 ? "1 file to store" : `${String(counts.stored)} files to store`,
        ...(counts.refused === 0 ? [] : [`${String(counts.refused)} refused`]),
        ...(counts.ignored === 0 ? [] : [`${String(counts.ignored)} ignored`]),
        `${size} uncompressed`,
      ].join(", "),
    refused: "The server will refuse this archive",
    refusedNote: "Nothing of it would be stored. Leave the files out, or mend the archive.",
    leaveOut: (count: number) =>
      count === 1 ? "Go on without that file" : `Go on without these ${String(count)} files`,
    leftOut: (count: number) =>
      `${count === 1 ? "1 file is" : `${String(count)} files are`} left out. Choose the archive again to have all of it.`,
    firstLine: "First line:",
    emptyLine: "(empty)",
    moreRefusals: (count: number) => `and ${String(count)} more`,
    stored: "To store",
    ignored: "Ignored",
    refusedFile: "Refused",
    more: (count: number) => `${String(count)} more files are not listed here.`,
  },
  progress: {
    sending: "Sending the archive",
    checking: "The server checks the archive",
    fetching: "The server fetches the archive, and checks it",
    storing: "The server stores the files",
    bytes: (sent: string, total: string) => `${sent} of ${total}`,
    rate: (rate: string) => `${rate}/s`,
    left: (time: string) => `${time} left`,
    files: (stored: string, skipped: string) => `${stored} stored, ${skipped} skipped`,
    ofFiles: (total: string) => `of ${total} files`,
    keepOpen: "Keep this page open until it is done.",
    cancel: "Cancel",
    label: "Progress of the upload",
  },
  leave: {
    title: "Leave this page?",
    text: "The upload is under way and ends when you leave. Files that are stored stay stored; sending the archive again does the rest.",
    stay: "Stay",
    leave: "Leave, and end the upload",
  },
  failed: {
    title: "The upload was not finished",
    refused: "The server refused the archive, and stored nothing of it",
    lost: "The connection was lost before the archive had gone, so nothing of it is stored.",
    unknown:
      "The archive had gone, but the answer did not come. Look among your uploads whether it is there; sending it again skips what is stored.",
    cancelled: "You have cancelled it. Files that were stored stay stored.",
    signedOut:
      "Your session ended before the archive was taken, so nothing of it is stored. What you filled in is kept: sign in in another tab, and send it again.",
    again: "What is stored stays stored: sending it again skips that, and does the rest.",
    back: "Back to the form",
    look: "Look among your uploads",
  },
  commands: {
    title: "The same from a terminal",
    note: "TECKEN_TOKEN is an API token with the permission to upload.",
    token: "Create a token",
    tecken: "tecken",
    curl: "curl",
    python: "Python",
    noBucket: "tecken upload takes the default bucket; use curl to name another.",
  },
} as const;
