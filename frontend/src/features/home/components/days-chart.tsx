// SPDX-License-Identifier: MPL-2.0

import "@mantine/charts/styles.css";

import { BarChart } from "@mantine/charts";

import type { Figure } from "../figures";

const colours = { first: "blue.6", second: "orange.8" } as const;

/** Bars of 30 days, without axes: the numbers are in the table under it. */
export default function DaysChart({ figure }: { figure: Figure }) {
  const series = figure.measures.flatMap(({ series: name, title }) =>
    name === undefined ? [] : [{ name, label: title, color: colours[name] }],
  );
  return (
    <BarChart
      h={64}
      type="stacked"
      data={figure.days}
      dataKey="date"
      series={series}
      gridAxis="none"
      tickLine="none"
      withXAxis={false}
      withYAxis={false}
      barChartProps={{
        accessibilityLayer: false,
        barCategoryGap: 1,
        margin: { left: 0, right: 0 },
      }}
      tooltipAnimationDuration={0}
      barProps={{ isAnimationActive: false }}
    />
  );
}
