// SPDX-License-Identifier: MPL-2.0

/** The words of the page on sources. */
export const sources = {
  title: "Sources",
  about:
    "Where symbols come from, in the order in which they are asked. Figures are of this node since it started.",
  refresh: "Refresh",
  number: (number: number) => `${String(number)}.`,
  location: "Where",
  kinds: { bucket: "Bucket", upstream: "Another symbol server" },
  kind: "Kind",
  layout: (layout: string) => `asked as ${layout}`,
  public: "read by anybody",
  try: "for try builds",
  state: "State",
  asking: "Being asked…",
  paused: "Left alone for a moment, as it failed again and again",
  failedCalls: "Failed calls",
  hits: "Hits",
  misses: "Misses",
  pending: "Symbols being made",
  refused: "Not what was asked for",
  failed: "Could not be asked",
  stored: "Received",
  failure: "Last failure",
  noFailure: "None within a week",
  cache: "Files of other symbol servers that are kept",
  cacheOf: (used: string, most: string) => `${used} of ${most} at most`,
  cacheUnknown: (most: string) => `not measured yet, ${most} at most`,
} as const;
