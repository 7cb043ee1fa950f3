// SPDX-License-Identifier: MPL-2.0

/** Return the command that sends a minidump, in a file of this name, to this server. */
export function dumpAsCurl(name: string, guess: boolean, serverUrl: string): string {
  const url = `${serverUrl}/symbolicate/minidump${guess ? "?guess=true" : ""}`;
  const file = `@${name}`.replaceAll("'", String.raw`'\''`);
  return `curl -H 'Accept: application/json' --data-binary '${file}' '${url}'`;
}

/** Return the command that sends a text to this server (`https://symbols.example.com`). */
export function asCurl(text: string, guess: boolean, serverUrl: string): string {
  const url = `${serverUrl}/symbolicate/text${guess ? "?guess=true" : ""}`;
  let end = "END-OF-TEXT";
  while (text.includes(end)) end += "-";
  const command = `curl -H 'Content-Type: text/plain' -H 'Accept: application/json' --data-binary @- '${url}' <<'${end}'`;
  return [command, text, end].join("\n");
}
