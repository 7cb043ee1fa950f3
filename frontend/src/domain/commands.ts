// SPDX-License-Identifier: MPL-2.0

// The module of `make example`, so that the commands work as they stand.
export const MODULE = { debugFile: "hello", debugId: "5A1C3F2B9D8E47606B1FA2C4D5E6F7890" } as const;
export const OFFSETS = [0x114e, 0x1179] as const;

/** Where the token is, for who has it in the environment. */
const TOKEN = "$TECKEN_TOKEN";

/** What a command uploads; `name` is that of the archive, and may be anybody's. */
export interface Asked {
  name: string;
  url: string | null;
  isTry: boolean;
  bucket: string | null;
}

const EXAMPLE: Asked = { name: "symbols.zip", url: null, isTry: false, bucket: null };
const PLAIN = /^[\w./:@%+=-]+$/;

/** Quote a text for a shell of Unix, where it needs that. */
function shell(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Upload with `tecken upload`. A bucket cannot be named there, so null where one is. */
export function uploadCommand(server: string, asked: Asked = EXAMPLE): string {
  return [
    `tecken upload --url ${shell(server)}`,
    ...(asked.isTry ? ["--try"] : []),
    asked.url === null ? shell(asked.name) : `--url-of ${shell(asked.url)}`,
  ].join(" ");
}

/** Upload what is below a folder, which `tecken upload` makes the archive of. */
export function folderCommand(server: string): string {
  return `export TECKEN_TOKEN=…\n${uploadCommand(server, { ...EXAMPLE, name: "symbols/" })}`;
}

/** Upload with curl; the token is in the environment, or the text of one. */
export function curlCommand(server: string, asked: Asked = EXAMPLE, token = TOKEN): string {
  const what =
    asked.url === null
      ? `-F ${shell(`symbols.zip=@${asked.name}`)}`
      : `-F ${shell(`url=${asked.url}`)}`;
  return [
    `curl -H "Auth-Token: ${token}"`,
    what,
    ...(asked.isTry ? ["-F try=1"] : []),
    ...(asked.bucket === null ? [] : [`-F ${shell(`bucket_name=${asked.bucket}`)}`]),
    `${server}/upload/`,
  ].join(" ");
}

/** Upload with Python and requests. JSON's strings without surprises are Python's, too. */
export function pythonScript(server: string, asked: Asked = EXAMPLE): string {
  const form = {
    ...(asked.url === null ? {} : { url: asked.url }),
    ...(asked.isTry ? { try: "1" } : {}),
    ...(asked.bucket === null ? {} : { bucket_name: asked.bucket }),
  };
  const what = [
    ...(asked.url === null
      ? [`    files={"symbols.zip": open(${JSON.stringify(asked.name)}, "rb")},`]
      : []),
    ...(Object.keys(form).length === 0
      ? []
      : [`    data=${JSON.stringify(form).replaceAll('":"', '": "').replaceAll('","', '", "')},`]),
  ];
  return [
    "import os, requests",
    "",
    "answer = requests.post(",
    `    ${JSON.stringify(`${server}/upload/`)},`,
    '    headers={"Auth-Token": os.environ["TECKEN_TOKEN"]},',
    ...what,
    "    timeout=600,",
    ")",
    "print(answer.status_code, answer.text)",
  ].join("\n");
}

/** Symbolicate with curl, by the API of version 5. */
export function symbolicateCommand(server: string): string {
  const body = JSON.stringify({
    memoryMap: [[MODULE.debugFile, MODULE.debugId]],
    stacks: [OFFSETS.map((offset) => [0, offset])],
  });
  return `curl -d '${body}' ${server}/symbolicate/v5`;
}
