// SPDX-License-Identifier: MPL-2.0

import { exactTime, relativeTime, shortTime } from "@/lib/format/time";
import { useTimeZone } from "@/lib/time-zone";
import { useNow } from "@/lib/use-now";

interface Properties {
  /** As the API gives it, `2026-11-24T14:28:03.123Z`. */
  value: string;
  /** Show the exact time, where it is what one looks for. */
  exact?: boolean;
}

/** A time: relative within a week, always exact in its title. */
export function Time({ value, exact = false }: Properties) {
  const [zone] = useTimeZone();
  const now = useNow();
  const moment = new Date(value);
  const whole = exactTime(moment, zone);
  const shown = exact ? whole : (relativeTime(moment, now) ?? shortTime(moment, zone));
  return (
    <time dateTime={value} title={whole} style={{ whiteSpace: "nowrap" }}>
      {shown}
    </time>
  );
}
