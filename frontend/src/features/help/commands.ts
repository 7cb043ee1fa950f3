// SPDX-License-Identifier: MPL-2.0

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

// The module of `make example`, so that the commands work as they stand.
const DEBUG_FILE = "hello";
const DEBUG_ID = "5A1C3F2B9D8E47606B1FA2C4D5E6F7890";
const KEY = `${DEBUG_FILE}/${DEBUG_ID}/${DEBUG_FILE}.sym`;
const OFFSETS = [0x114e, 0x1179];

const REQUEST = JSON.stringify({
  memoryMap: [[DEBUG_FILE, DEBUG_ID]],
  stacks: [OFFSETS.map((offset) => [0, offset])],
});

/** Fill the server's own address (`https://symbols.example.com`) into every command. */
export function commandsFor(server: string): Commands {
  return { upload: upload(server), download: download(server), symbolicate: symbolicate(server) };
}

function upload(server: string): Example[] {
  return [
    {
      label: "upload with tecken",
      about: "With tecken, which makes the zip file itself, shows how far it is, and tries again:",
      text: `export TECKEN_TOKEN=…\ntecken upload --url ${server} symbols/`,
    },
    {
      label: "upload with curl",
      about: "With curl, a zip file:",
      text: `curl -H "Auth-Token: $TECKEN_TOKEN" -F symbols.zip=@symbols.zip ${server}/upload/`,
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
      text: python(server),
    },
  ];
}

function python(server: string): string {
  return `import os

import requests

with open("symbols.zip", "rb") as archive:
    response = requests.post(
        "${server}/upload/",
        headers={"Auth-Token": os.environ["TECKEN_TOKEN"]},
        files={"symbols.zip": archive},
        timeout=600,
    )
response.raise_for_status()
print(response.json()["upload"]["id"])`;
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
      text: `curl -d '${REQUEST}' ${server}/symbolicate/v5`,
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
