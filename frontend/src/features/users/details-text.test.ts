// SPDX-License-Identifier: MPL-2.0

import { expect, test } from "vitest";

import { detailsText } from "./details-text";

test("names and values are told as people read them", () => {
  expect(detailsText({ groups: ["Uploaders", "Upload Auditors"], token_id: 3, label: "CI" })).toBe(
    "groups: Uploaders, Upload Auditors; token id: 3; label: CI",
  );
});

test("what is empty is left out", () => {
  expect(detailsText({ token: "24277dd2", notes: "", days: 0 })).toBe("token: 24277dd2; days: 0");
});

test("a list of nothing is told as such", () => {
  expect(detailsText({ groups: [] })).toBe("groups: none");
});
