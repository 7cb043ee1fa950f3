// SPDX-License-Identifier: MPL-2.0

import { useQuery } from "@tanstack/react-query";

import { ErrorMessage } from "@/components/error-message";
import { Title } from "@/components/ui/layout";
import { Skeleton } from "@/components/ui/skeleton";
import { home } from "@/lib/texts/home";

import { statsQuery } from "@/lib/api/stats-query";
import { type Figure, figuresOf, type Measure } from "../figures";
import { DaysChart } from "./days-chart";
import classes from "./home.module.css";

const words = home.figures;
// How high each is, in pixels: as its table of figures has rows.
const CHARTS = [
  [words.uploads, 274],
  [words.downloads, 246],
  [words.symbolications, 218],
] as const;

/** Three figures of the last 30 days, each with a small chart. */
export function Figures() {
  const { data, error, refetch } = useQuery(statsQuery);
  if (error !== null && data === undefined) {
    return <ErrorMessage error={error} onRetry={() => void refetch()} />;
  }
  return (
    <section aria-label={words.title} className={classes["figures"]}>
      {data === undefined
        ? CHARTS.map(([title, height]) => <Skeleton key={title} height={height} />)
        : figuresOf(data).map((figure) => <Card key={figure.title} figure={figure} />)}
    </section>
  );
}

function Card({ figure }: { figure: Figure }) {
  return (
    <article className={classes["card"]}>
      <Title order={2}>{figure.title}</Title>
      <DaysChart figure={figure} />
      <table className={classes["measures"]}>
        <thead>
          <tr>
            <td />
            {[words.today, words.yesterday, words.days].map((time) => (
              <th key={time} scope="col">
                {time}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {figure.measures.map((measure) => (
            <Row key={measure.title} measure={measure} />
          ))}
        </tbody>
      </table>
    </article>
  );
}

function Row({ measure }: { measure: Measure }) {
  const [today, yesterday, days] = measure.values;
  return (
    <tr>
      <th scope="row" data-series={measure.series}>
        {measure.title}
      </th>
      <td>{today}</td>
      <td>{yesterday}</td>
      <td>{days}</td>
    </tr>
  );
}
