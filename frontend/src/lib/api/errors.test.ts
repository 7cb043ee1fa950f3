// SPDX-License-Identifier: MPL-2.0

import { expect, test } from "vitest";

import { ApiError, splitError } from "./errors";

const refused = (fields: Record<string, string[]>) => new ApiError(400, "Refused", fields);

test("what a form's fields say is said by them alone", () => {
  const error = refused({ notes: ["too long", "too loud"], expires: ["in the past"] });
  expect(splitError(error, ["notes", "expires"])).toEqual({
    fields: { notes: "too long, too loud", expires: "in the past" },
    rest: null,
  });
});

test("what no field says is not lost", () => {
  const error = refused({ notes: ["too long"], other: ["wrong"] });
  expect(splitError(error, ["notes"])).toEqual({ fields: { notes: "too long" }, rest: error });
  const plain = refused({});
  expect(splitError(plain, ["notes"])).toEqual({ fields: {}, rest: plain });
  expect(splitError(null, ["notes"])).toEqual({ fields: {}, rest: null });
});
