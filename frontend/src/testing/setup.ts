// SPDX-License-Identifier: MPL-2.0

import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";

// Tests of what shows nothing run in Node alone.
const isBrowser = typeof window !== "undefined";
if (isBrowser) await import("./browser");

afterEach(() => {
  cleanup();
  if (isBrowser) localStorage.clear();
});
