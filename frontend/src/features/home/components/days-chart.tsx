// SPDX-License-Identifier: MPL-2.0

import { grouped } from "@/lib/format/size";
import { home } from "@/lib/texts/home";

import type { Day, Figure } from "../figures";
import classes from "./home.module.css";

const HEIGHT = 40; // of the picture, whose units have no other meaning
const STEP = 10;
const GAP = 1;

/** Bars of 30 days, with the first and the last day and the highest. The numbers are in the table under it. */
export function DaysChart({ figure: { days, measures, title } }: { figure: Figure }) {
  const peak = days.reduce<Day | null>(
    (high, day) => (high === null || sum(day) > sum(high) ? day : high),
    null,
  );
  if (peak === null) return <div className={classes["chart"]} />;
  const unit = HEIGHT / Math.max(1, sum(peak));
  const names = measures.flatMap((measure) => (measure.series === undefined ? [] : measure.title));
  return (
    <div className={classes["chart"]}>
      <svg
        role="img"
        aria-label={home.figures.chart(title, grouped(sum(peak)), peak.date)}
        viewBox={`0 0 ${String(STEP * days.length)} ${String(HEIGHT)}`}
        preserveAspectRatio="none"
      >
        {days.map((day, at) => (
          <g key={day.date} transform={`translate(${String(STEP * at)} 0)`}>
            <title>{told(day, names)}</title>
            <rect className={classes["empty"]} width={STEP} height={HEIGHT} />
            <Bar part="first" value={day.first * unit} below={0} />
            <Bar part="second" value={day.second * unit} below={day.first * unit} />
          </g>
        ))}
      </svg>
      <p aria-hidden>
        <span>{days[0]?.date}</span>
        <span>{sum(peak) > 0 && home.figures.peak(grouped(sum(peak)), peak.date)}</span>
        <span>{days.at(-1)?.date}</span>
      </p>
    </div>
  );
}

interface BarProperties {
  part: "first" | "second";
  value: number;
  below: number;
}

function Bar({ part, value, below }: BarProperties) {
  if (value === 0) return null;
  const y = HEIGHT - below - value;
  return <rect data-series={part} x={GAP} y={y} width={STEP - 2 * GAP} height={value} />;
}

function sum({ first, second }: Day): number {
  return first + second;
}

function told({ date, first, second }: Day, [one = "", other]: string[]): string {
  const values = [`${one} ${grouped(first)}`];
  if (other !== undefined) values.push(`${other} ${grouped(second)}`);
  return `${date}: ${values.join(", ")}`;
}
