// SPDX-License-Identifier: MPL-2.0

/** Return the command that sends a text to this server (`https://symbols.example.com`). */
export function asCurl(text: string, guess: boolean, serverUrl: string): string {
  const url = `${serverUrl}/symbolicate/text${guess ? "?guess=true" : ""}`;
  let end = "END-OF-TEXT";
  while (text.includes(end)) end += "-";
  const command = `curl -H 'Content-Type: text/plain' -H 'Accept: application/json' --data-binary @- '${url}' <<'${end}'`;
  return [command, text, end].join("\n");
}
