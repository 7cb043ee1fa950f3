// SPDX-License-Identifier: MPL-2.0

/** The words of the upload form, and of an upload under way. */
export const newUpload = {
  title: "Upload symbols",
  note: "Files that the server has already are not sent again.",
  from: "Where the archive is",
  ways: { file: "On this computer", url: "At a URL" },
  drop: "Drop symbols anywhere on this page, or",
  choose: "choose files",
  chooseFolder: "choose a folder",
  dropNote:
    "Zips, .sym files, ELF, PDB, PE, dSYM, or a folder of a build. Each zip becomes an upload of its own.",
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
  noFile: "Choose something to upload first",
  loose: {
    none: "None of these files can be uploaded: they are neither zips nor symbols",
    neither: "Neither a symbol file nor a native file of a build",
    noModule: "It does not begin with a MODULE line, so nobody knows whose symbols it has",
    noPlace: "It would have to lie at <module>/<id>/<file>",
    twin: (path: string) => `The same as ${path}`,
    tooLarge: (most: number) => `Too large: at most ${String(most)} bytes are allowed`,
    forbidden: (snippet: string) => `Its path has '${snippet}' in it, which is not allowed here`,
    unreadable: "It could not be read",
  },
  try: "These are symbols of a try build",
  tryNote: "They are kept apart from regular ones, and removed after some weeks.",
  tryOnly: "You may upload symbols of try builds only.",
  bucket: "Bucket",
  bucketChoice: (name: string, isDefault: boolean) => (isDefault ? `${name} (default)` : name),
  submit: "Upload",
  unreadable: "The file could not be read. It may have been moved or changed; choose it again.",
  contents: {
    title: (name: string) => `What is inside ${name}`,
    madeHere: "becomes a zip",
    remove: "Remove",
    removeOne: (name: string) => `Remove ${name}`,
    reading: "Looking at what is inside",
    readingOf: (done: string, total: string) =>
      `Looking at what is inside: ${done} of ${total} files`,
    summary: (counts: { stored: number; ignored: number; refused: number }, size: string) =>
      [
        counts.stored === 1 ? "1 file to store" : `${String(counts.stored)} files to store`,
        ...(counts.refused === 0 ? [] : [`${String(counts.refused)} refused`]),
        ...(counts.ignored === 0 ? [] : [`${String(counts.ignored)} ignored`]),
        `${size} uncompressed`,
      ].join(", "),
    refused: "The server will refuse this archive",
    refusedNote: "Nothing of it would be stored. Leave these files out, or repair the archive.",
    leaveOut: (count: number) =>
      count === 1 ? "Go on without that file" : `Go on without ${String(count)} files`,
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
    beginning: "Beginning",
    ofSeveral: (number: number, of: number) => `${String(number)} of ${String(of)}:`,
    comparing: "Looking for what the server has already",
    packing: "Making the zip",
    skip: "Send all without looking",
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
  results: {
    title: "What was uploaded",
    more: "Upload more",
    nothingNew: "Nothing new",
    present: (files: number) =>
      files === 1 ? "1 file was there already." : `${String(files)} files were there already.`,
    allPresent: (files: number) =>
      files === 1
        ? "The server has this file already. Nothing was sent."
        : `The server has all ${String(files)} files already. Nothing was sent.`,
    unsent: "Not sent",
  },
  leave: {
    title: "Leave this page?",
    text: "The upload ends when you leave. Stored files are kept; send the archive again for the rest.",
    stay: "Stay",
    leave: "Leave, and end the upload",
  },
  failed: {
    title: "The upload was not finished",
    refused: "The server refused the archive, and stored nothing of it",
    lost: "The connection was lost before the archive was sent, so nothing of it is stored.",
    unknown:
      "The archive was sent, but no answer came. Check your uploads; if it is not there, send it again: stored files are skipped.",
    notFetched:
      "Nothing of it is stored. Try again later, or upload the archive from this computer.",
    cancelled: "You have cancelled it. Stored files are kept.",
    signedOut:
      "Your session ended first, so nothing of it is stored. What you filled in is kept: sign in in another tab and send it again.",
    again: "Stored files are kept. Send it again for the rest.",
    back: "Back to the form",
    look: "Check your uploads",
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
