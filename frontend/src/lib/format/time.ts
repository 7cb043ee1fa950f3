// SPDX-License-Identifier: MPL-2.0

export type TimeZone = "UTC" | "local";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** Return `3 hours ago` within a week of now, else null. */
export function relativeTime(moment: Date, now: Date): string | null {
  const seconds = Math.round((moment.getTime() - now.getTime()) / 1000);
  const distance = Math.abs(seconds);
  if (distance >= WEEK) return null;
  if (distance < MINUTE) return seconds > 0 ? "in a moment" : "just now";
  if (distance < HOUR) return words.format(Math.trunc(seconds / MINUTE), "minute");
  if (distance < DAY) return words.format(Math.trunc(seconds / HOUR), "hour");
  return words.format(Math.trunc(seconds / DAY), "day");
}

/** Return `2026-11-24 14:28:03 UTC`, or the same in the time zone of the browser. */
export function exactTime(moment: Date, zone: TimeZone): string {
  return `${dayOf(moment, zone)} ${clockOf(moment, zone)} ${zoneName(moment, zone)}`;
}

/** Return `2026-11-24 14:28`, in UTC or the time zone of the browser. */
export function shortTime(moment: Date, zone: TimeZone): string {
  return `${dayOf(moment, zone)} ${clockTime(moment, zone)}`;
}

/** Return `14:28`, in UTC or the time zone of the browser. */
export function clockTime(moment: Date, zone: TimeZone): string {
  return clockOf(moment, zone).slice(0, 5);
}

/** Return a duration as people say it: `4.2 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 0.9995) return `${String(Math.round(seconds * 1000))} ms`;
  if (seconds < MINUTE) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < HOUR
    ? inUnits(whole, MINUTE, "min", 1, "s")
    : inUnits(whole, HOUR, "h", MINUTE, "min");
}

function inUnits(whole: number, large: number, unit: string, small: number, rest: string): string {
  const head = `${String(Math.floor(whole / large))} ${unit}`;
  const left = Math.floor((whole % large) / small);
  return left === 0 ? head : `${head} ${String(left)} ${rest}`;
}

function pad(number: number): string {
  return String(number).padStart(2, "0");
}

function dayOf(moment: Date, zone: TimeZone): string {
  if (zone === "UTC") return moment.toISOString().slice(0, 10);
  return [String(moment.getFullYear()), pad(moment.getMonth() + 1), pad(moment.getDate())].join(
    "-",
  );
}

function clockOf(moment: Date, zone: TimeZone): string {
  if (zone === "UTC") return moment.toISOString().slice(11, 19);
  return [moment.getHours(), moment.getMinutes(), moment.getSeconds()].map(pad).join(":");
}

function zoneName(moment: Date, zone: TimeZone): string {
  if (zone === "UTC") return "UTC";
  const parts = new Intl.DateTimeFormat("en", { timeZoneName: "short" }).formatToParts(moment);
  return parts.find((part) => part.type === "timeZoneName")?.value ?? "";
}
