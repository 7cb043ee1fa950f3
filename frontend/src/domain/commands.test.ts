// SPDX-License-Identifier: MPL-2.0

import { expect, test } from "vitest";

import { type Asked, curlCommand, pythonScript, uploadCommand } from "./commands";

const SERVER = "https://symbols.example.com";
const FILE: Asked = { name: "symbols.zip", url: null, isTry: false, bucket: null };
const ODD: Asked = { ...FILE, name: "it's $(mine).zip" };
const URL: Asked = { ...FILE, url: "https://builds.example.com/a.zip?x=1&y=2" };

test("a file is sent", () => {
  expect(uploadCommand(SERVER, FILE)).toBe(
    "tecken upload --url https://symbols.example.com symbols.zip",
  );
  expect(curlCommand(SERVER, FILE)).toBe(
    'curl -H "Auth-Token: $TECKEN_TOKEN" -F symbols.zip=@symbols.zip https://symbols.example.com/upload/',
  );
  expect(pythonScript(SERVER, FILE)).toContain('files={"symbols.zip": open("symbols.zip", "rb")},');
});

test("a name cannot run anything", () => {
  expect(uploadCommand(SERVER, ODD)).toMatch(/ 'it'\\''s \$\(mine\)\.zip'$/);
  expect(curlCommand(SERVER, ODD)).toContain("-F 'symbols.zip=@it'\\''s $(mine).zip'");
});

test("a URL is sent in place of a file", () => {
  expect(uploadCommand(SERVER, URL)).toMatch(/ --url-of 'https:.*y=2'$/);
  expect(curlCommand(SERVER, URL)).toContain("-F 'url=https://builds.example.com/a.zip?x=1&y=2'");
  const script = pythonScript(SERVER, URL);
  expect(script).toContain('data={"url": "https://builds.example.com/a.zip?x=1&y=2"},');
  expect(script).not.toContain("files=");
});

test("try and a bucket are said", () => {
  const asked = { ...FILE, isTry: true, bucket: "other bucket" };
  expect(uploadCommand(SERVER, asked)).toContain(" --try symbols.zip");
  expect(curlCommand(SERVER, asked)).toContain("-F try=1 -F 'bucket_name=other bucket'");
  expect(pythonScript(SERVER, asked)).toContain(
    'data={"try": "1", "bucket_name": "other bucket"},',
  );
});
