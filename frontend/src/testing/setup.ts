// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";

// Tests of what shows nothing run in Node alone.
const isBrowser = typeof window !== "undefined";
if (isBrowser) await import("./browser");

afterEach(() => {
  cleanup();
  if (isBrowser) localStorage.clear();
});
