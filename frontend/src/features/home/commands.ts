// SPDX-License-Identifier: MPL-2.0

/** One way to do a thing from a terminal. */
export interface Example {
  label: string;
  text: string;
}

// The module of `make example`, so that the commands work as they stand.
const DEBUG_FILE = "hello";
const DEBUG_ID = "5A1C3F2B9D8E47606B1FA2C4D5E6F7890";

const REQUEST = JSON.stringify({
  memoryMap: [[DEBUG_FILE, DEBUG_ID]],
  stacks: [
    [
      [0, 0x114e],
      [0, 0x1179],
    ],
  ],
});

/** Return what a first upload and a first stack are on the server at an address, `https://symbols.example.com`. */
export function commandsFor(serverUrl: string): Example[] {
  return [
    {
      label: "upload with tecken",
      text: `export TECKEN_TOKEN=…\ntecken upload --url ${serverUrl} symbols/`,
    },
    { label: "symbolicate with tecken", text: `tecken symbolicate --url ${serverUrl} crash.txt` },
    {
      label: "symbolicate with curl",
      text: `curl -d '${REQUEST}' ${serverUrl}/symbolicate/v5`,
    },
  ];
}
