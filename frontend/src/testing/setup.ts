// SPDX-License-Identifier: MPL-2.0

import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

// Tests of what shows nothing run in Node alone.
const isBrowser = typeof window !== "undefined";
if (isBrowser) await import("./browser");

// A route is loaded with its code, which takes a busy machine seconds; what works never takes as long.
configure({ asyncUtilTimeout: 20_000 });

afterEach(() => {
  cleanup();
  if (isBrowser) localStorage.clear();
});
