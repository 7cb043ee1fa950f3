// SPDX-License-Identifier: MPL-2.0

import { expect, test } from "vitest";

import type { UploadLimits } from "@/lib/api/schema";

import { urlProblem } from "./form-state";

const LIMITS: UploadLimits = {
  max_archive_bytes: 1,
  max_members: 1,
  max_member_bytes: 1,
  max_total_bytes: 1,
  max_ratio: 1,
  verify_module: true,
  forbidden_snippets: [],
  allowed_domains: ["Queue.example.com"],
  any_domain: false,
};

test.each([
  ["", "Type a URL"],
  ["symbols.zip", "This is not a URL"],
  ["ftp://queue.example.com/a.zip", "This is not a URL"],
  ["http://queue.example.com/a.zip", "Insecure URL"],
  ["https://evil.example/a.zip", "Not an allowed domain ('evil.example') to download from."],
  [
    "https://queue.example.com.evil.example/a.zip",
    "Not an allowed domain ('queue.example.com.evil.example') to download from.",
  ],
  ["https://queue.example.com/a.rar", "The last part of its path must end in .zip"],
  ["https://queue.example.com/a?b=c.zip", "The last part of its path must end in .zip"],
  [" https://QUEUE.example.com/build/A.ZIP?x=1 ", null],
])("of %j it is said: %j", (url, problem) => expect(urlProblem(url, LIMITS)).toBe(problem));

test("where any domain may be asked, so may any host by http", () => {
  const limits = { ...LIMITS, any_domain: true };
  expect(urlProblem("http://localhost:8000/a.zip", limits)).toBeNull();
  expect(urlProblem("file:///a.zip", limits)).toBe("This is not a URL");
});
