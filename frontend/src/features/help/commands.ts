// SPDX-License-Identifier: MPL-2.0

import {
  curlCommand,
  folderCommand,
  MODULE,
  OFFSETS,
  pythonScript,
  symbolicateCommand,
} from "@/domain/commands";

/** One way to do a thing from a terminal or a script. */
export interface Example {
  label: string;
  about: string;
  text: string;
}

/** The commands that upload, download and symbolicate on one server. */
export interface Commands {
  upload: Example[];
  download: Example[];
  symbolicate: Example[];
}

const { debugFile: DEBUG_FILE, debugId: DEBUG_ID } = MODULE;
const KEY = `${DEBUG_FILE}/${DEBUG_ID}/${DEBUG_FILE}.sym`;

/** Fill the server's own address (`https://symbols.example.com`) into every command. */
export function commandsFor(server: string): Commands {
  return { upload: upload(server), download: download(server), symbolicate: symbolicate(server) };
}

function upload(server: string): Example[] {
  return [
    {
      label: "upload with tecken",
      about: "With tecken, which makes the zip file itself, shows how far it is, and tries again:",
      text: folderCommand(server),
    },
    {
      label: "upload with curl",
      about: "With curl, a zip file:",
      text: curlCommand(server),
    },
    {
      label: "upload by URL with curl",
      about: "Or where it can be downloaded, if this server allows that host:",
      text: `curl -H "Auth-Token: $TECKEN_TOKEN" -d url=https://… ${server}/upload/`,
    },
    {
      label: "upload with sentry-cli",
      about:
        "With sentry-cli, which sends the sources, too; organisation and project may be any words:",
      text: `export SENTRY_URL=${server} SENTRY_AUTH_TOKEN=… SENTRY_ORG=any SENTRY_PROJECT=any\nsentry-cli debug-files upload --include-sources --wait build/`,
    },
    {
      label: "upload with Python",
      about: "With Python and the package requests:",
      text: pythonScript(server),
    },
  ];
}

function download(server: string): Example[] {
  return [
    {
      label: "download with curl",
      about: "With curl:",
      text: `curl -L --compressed -O ${server}/${KEY}`,
    },
    {
      label: "download with tecken",
      about: "With tecken:",
      text: `tecken download --url ${server} ${DEBUG_FILE}/${DEBUG_ID}`,
    },
  ];
}

function symbolicate(server: string): Example[] {
  const offsets = OFFSETS.map((offset) => `--offset 0x${offset.toString(16)}`).join(" ");
  return [
    {
      label: "symbolicate with curl",
      about: "With curl:",
      text: symbolicateCommand(server),
    },
    {
      label: "symbolicate with tecken",
      about: "With tecken, which prints it to be read:",
      text: `tecken symbolicate --url ${server} --module ${DEBUG_FILE}/${DEBUG_ID} ${offsets}`,
    },
    {
      label: "symbolicate the text of a crash with curl",
      about: "The text of a crash with curl:",
      text: `curl --data-binary @crash.txt ${server}/symbolicate/text`,
    },
    {
      label: "symbolicate the text of a crash with tecken",
      about: "Or with tecken, from anywhere:",
      text: `adb logcat -d | tecken symbolicate --url ${server}`,
    },
  ];
}
