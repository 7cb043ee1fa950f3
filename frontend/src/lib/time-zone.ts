// SPDX-License-Identifier: MPL-2.0

import type { TimeZone } from "./format/time";
import { useStored } from "./use-stored";

/** In which time zone this browser shows times, and how to change it. */
export function useTimeZone(): [TimeZone, (zone: TimeZone) => void] {
  const [zone, setZone] = useStored("tecken-time-zone");
  return [zone?.includes("local") === true ? "local" : "UTC", setZone];
}
