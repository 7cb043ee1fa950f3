// SPDX-License-Identifier: MPL-2.0

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

/** Upload with curl. */
export function curlCommand(server: string, asked: Asked = EXAMPLE): string {
  const what =
    asked.url === null
      ? `-F ${shell(`symbols.zip=@${asked.name}`)}`
      : `-F ${shell(`url=${asked.url}`)}`;
  return [
    `curl -H "Auth-Token: $TECKEN_TOKEN"`,
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
    ")",
    "print(answer.status_code, answer.text)",
  ].join("\n");
}
