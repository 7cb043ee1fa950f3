// SPDX-License-Identifier: MPL-2.0

import { useLocalStorage } from "@/components/ui/hooks";

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
