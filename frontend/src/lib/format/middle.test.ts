// SPDX-License-Identifier: MPL-2.0

import { expect, test } from "vitest";

import { shortenedInTheMiddle } from "./middle";

test("a long id loses its middle, a short one nothing", () => {
  expect(shortenedInTheMiddle("44E4EC8C2F41492B9369D6B9A059577C2")).toBe("44E4EC8C…9577C2");
  expect(shortenedInTheMiddle("5CF2591C6859000")).toBe("5CF2591C6859000");
});
