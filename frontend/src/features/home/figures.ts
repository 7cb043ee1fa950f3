// SPDX-License-Identifier: MPL-2.0

import type { DayFigures, Figures, Stats } from "@/lib/api/schema";
import { grouped, humanSize } from "@/lib/format/size";
import { paths } from "@/lib/paths";
import { home } from "@/lib/texts/home";

const words = home.figures;

/** A line under a chart: what is counted, and how much of it there was. */
export interface Measure {
  title: string;
  /** Today, yesterday, and in 30 days. */
  values: [string, string, string];
  /** Its name in `days`, where the chart shows it. */
  series?: "first" | "second";
}

/** What a chart shows of a day. */
export interface Day {
  date: string;
  first: number;
  second: number;
}

export interface Figure {
  title: string;
  days: Day[];
  measures: Measure[];
  /** The page that has what happened on a day, where there is one. */
  pathOf?: (date: string) => string;
}

/** Return what the three charts of the front page show, and the numbers under them. */
export function figuresOf(stats: Stats): Figure[] {
  const days = (first: (day: DayFigures) => number, second: (day: DayFigures) => number) =>
    stats.per_day.map((day) => ({ date: day.date, first: first(day), second: second(day) }));
  const measure = (title: string, read: (figures: Figures) => string): Measure => ({
    title,
    values: [read(stats.today), read(stats.yesterday), read(stats.last_30_days)],
  });
  const none = () => 0;
  return [
    {
      title: words.uploads,
      pathOf: (date) => `${paths.uploads}?created_at=${date}`,
      days: days((day) => day.uploads.count, none),
      measures: [
        { ...measure(words.archives, (of) => grouped(of.uploads.count)), series: "first" },
        measure(words.files, (of) => grouped(of.uploads.files)),
        measure(words.size, (of) => humanSize(of.uploads.total_size)),
      ],
    },
    {
      title: words.downloads,
      pathOf: (date) => `${paths.missing}?modified_at=${date}`,
      days: days(
        (day) => day.downloads.found,
        (day) => day.downloads.missing,
      ),
      measures: [
        { ...measure(words.found, (of) => grouped(of.downloads.found)), series: "first" },
        { ...measure(words.missing, (of) => grouped(of.downloads.missing)), series: "second" },
        ...(stats.last_30_days.downloads.microsoft > 0
          ? [measure(words.microsoft, (of) => grouped(of.downloads.microsoft))]
          : []),
      ],
    },
    {
      title: words.symbolications,
      days: days((day) => day.symbolications, none),
      measures: [
        { ...measure(words.requests, (of) => grouped(of.symbolications)), series: "first" },
      ],
    },
  ];
}
