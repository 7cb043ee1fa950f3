// SPDX-License-Identifier: MPL-2.0

const LONGEST_ARGUMENT = 100_000; // Linux takes 128 KiB in one

/** Return the command that sends a request to this server (`https://symbols.example.com`). */
export function asCurl(request: string, serverUrl: string): string {
  const url = `${serverUrl}/symbolicate/v5`;
  if (new TextEncoder().encode(request).length <= LONGEST_ARGUMENT)
    return `curl -d '${request.replaceAll("'", String.raw`'\''`)}' ${url}`;
  return [`curl --data-binary @- ${url} <<'END-OF-REQUEST'`, request, "END-OF-REQUEST"].join("\n");
}
