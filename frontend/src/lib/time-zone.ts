// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import { useLocalStorage } from "@mantine/hooks";

import type { TimeZone } from "./format/time";

/** In which time zone this browser shows times, and how to change it. */
export function useTimeZone(): [TimeZone, (zone: TimeZone) => void] {
  const [zone, setZone] = useLocalStorage<TimeZone>({
    key: "tecken-time-zone",
    defaultValue: "UTC",
    getInitialValueInEffect: false,
  });
  return [zone === "local" ? "local" : "UTC", setZone];
}
