// SPDX-License-Identifier: MPL-2.0

import { folderCommand, symbolicateCommand } from "@/domain/commands";

/** One way to do a thing from a terminal. */
export interface Example {
  label: string;
  text: string;
}

/** Return what a first upload and a first stack are on the server at an address, `https://symbols.example.com`. */
export function commandsFor(serverUrl: string): Example[] {
  return [
    { label: "upload with tecken", text: folderCommand(serverUrl) },
    { label: "symbolicate with tecken", text: `tecken symbolicate --url ${serverUrl} crash.txt` },
    { label: "symbolicate with curl", text: symbolicateCommand(serverUrl) },
  ];
}
