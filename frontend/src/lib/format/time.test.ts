// SPDX-License-Identifier: MPL-2.0

import { expect, test } from "vitest";

import { duration, exactTime, relativeTime, shortTime } from "./time";

const NOW = new Date("2026-11-24T12:00:00Z");

test.each([
  ["2026-11-24T11:59:45Z", "just now"],
  ["2026-11-24T11:58:00Z", "2 minutes ago"],
  ["2026-11-24T09:00:00Z", "3 hours ago"],
  ["2026-11-23T11:00:00Z", "yesterday"],
  ["2026-11-18T12:00:00Z", "6 days ago"],
  ["2026-11-27T12:00:00Z", "in 3 days"],
  ["2026-11-17T12:00:00Z", null],
])("%s is %s", (moment, said) => expect(relativeTime(new Date(moment), NOW)).toBe(said));

test("exact times are in UTC, to the second", () => {
  expect(exactTime(NOW, "UTC")).toBe("2026-11-24 12:00:00 UTC");
  expect(shortTime(NOW, "UTC")).toBe("2026-11-24 12:00");
});

test.each([
  [0.0042, "4 ms"],
  [4.21, "4.2 s"],
  [200, "3 min 20 s"],
  [7500, "2 h 5 min"],
  [3600, "1 h"],
])("%d seconds are said as %s", (seconds, said) => expect(duration(seconds)).toBe(said));
