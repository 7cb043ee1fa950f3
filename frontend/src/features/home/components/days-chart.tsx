// SPDX-License-Identifier: MPL-2.0

import { type KeyboardEvent, useRef, useState } from "react";
import { Link } from "react-router";

import { grouped } from "@/lib/format/size";
import { home } from "@/lib/texts/home";

import type { Day, Figure } from "../figures";
import classes from "./days-chart.module.css";

const words = home.figures;

/**
 * Bars of 30 days, with the first and the last day and the highest. Each day is a link to what happened then.
 *
 * The days are one stop of the Tab key: arrows go from one to the next, and what it had is told under them.
 */
export function DaysChart({ figure }: { figure: Figure }) {
  const { days, title } = figure;
  const bars = useRef<HTMLOListElement>(null);
  const [current, setCurrent] = useState(days.length - 1);
  const [looked, setLooked] = useState<Day | null>(null);
  const peak = days.reduce<Day | null>(
    (high, day) => (high === null || sum(day) > sum(high) ? day : high),
    null,
  );
  if (peak === null) return <div className={classes["chart"]} />;

  function onKeyDown(event: KeyboardEvent) {
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: current - 1,
      ArrowRight: current + 1,
      Home: 0,
      End: days.length - 1,
    };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const at = Math.max(0, Math.min(days.length - 1, next));
    setCurrent(at);
    bars.current?.querySelectorAll<HTMLElement>("[data-day]")[at]?.focus();
  }

  return (
    <div className={classes["chart"]}>
      <ol
        ref={bars}
        className={classes["bars"]}
        aria-label={words.chart(title, grouped(sum(peak)), peak.date)}
        onKeyDown={onKeyDown}
        onMouseLeave={() => setLooked(null)}
      >
        {days.map((day, at) => (
          <li key={day.date}>
            <Bar
              day={day}
              figure={figure}
              highest={Math.max(1, sum(peak))}
              isStop={at === current}
              onLook={(isLooked) => {
                setLooked(isLooked ? day : null);
                if (isLooked) setCurrent(at);
              }}
            />
          </li>
        ))}
      </ol>
      <p aria-hidden className={classes["caption"]}>
        <span>{days[0]?.date}</span>
        <strong>
          {looked !== null
            ? told(looked, figure)
            : sum(peak) > 0 && words.peak(grouped(sum(peak)), peak.date)}
        </strong>
        <span>{days.at(-1)?.date}</span>
      </p>
    </div>
  );
}

interface BarProperties {
  day: Day;
  figure: Figure;
  highest: number;
  /** Whether the Tab key stops here. */
  isStop: boolean;
  onLook: (isLooked: boolean) => void;
}

function Bar({ day, figure, highest, isStop, onLook }: BarProperties) {
  const looked = {
    "data-day": day.date,
    "aria-label": told(day, figure),
    tabIndex: isStop ? 0 : -1,
    className: classes["day"],
    onFocus: () => onLook(true),
    onBlur: () => onLook(false),
    onMouseEnter: () => onLook(true),
  };
  const parts = (["second", "first"] as const)
    .filter((part) => day[part] > 0)
    .map((part) => (
      <span
        key={part}
        data-series={part}
        style={{ height: `${String((100 * day[part]) / highest)}%` }}
      />
    ));
  return figure.pathOf === undefined ? (
    <span role="img" {...looked}>
      {parts}
    </span>
  ) : (
    <Link to={figure.pathOf(day.date)} {...looked} className={classes["day"] ?? ""}>
      {parts}
    </Link>
  );
}

function sum({ first, second }: Day): number {
  return first + second;
}

/** What a day had: `2026-11-24: Found 12, Missing 3`. */
function told({ date, first, second }: Day, { measures }: Figure): string {
  const [one = "", other] = measures.flatMap(({ series, title }) =>
    series === undefined ? [] : title,
  );
  const values = [`${one} ${grouped(first)}`];
  if (other !== undefined) values.push(`${other} ${grouped(second)}`);
  return `${date}: ${values.join(", ")}`;
}
