/** Draws how the times of a run and of its bases are distributed: which share of them was at most so long. */

import { percentile } from "../../lib/report/stats.ts";
import { type ChartLine, type ChartPoint, lineChart } from "../readers/svg_chart.ts";
import type { CallValues } from "./call_values.ts";
import type { TimeSeries } from "./series.ts";

/** The percentiles of a line: enough for a smooth one, however many values there are. */
const POINTS = 200;

/** The axis ends at this percentile of the longest line: a few waits that timed out would take all of its width. */
const LAST_PERCENT = 99;

/** The values of a side of the comparison. */
export interface Side {
  readonly name: string;
  /** Of one or several runs. */
  readonly calls: readonly CallValues[];
}

/** Draws the series of all sides into one chart; null where none of them has values. */
export function distributionChart(series: TimeSeries, sides: readonly Side[]): string | null {
  const lines = sides.flatMap(({ calls, name }): { name: string; sorted: Float64Array }[] => {
    const sorted = Float64Array.from(calls.flatMap(({ times }) => times[series] ?? [])).sort();
    return sorted.length === 0 ? [] : [{ name: `${name} (${sorted.length})`, sorted }];
  });
  if (lines.length === 0) return null;
  return lineChart({
    title: `Distribution of ${series}: share of values that are at most so long`,
    xLabel: `${series}, ms`,
    yLabel: "% of values",
    xMin: Math.min(...lines.map(({ sorted }) => sorted[0] ?? 0)),
    xMax: Math.max(...lines.map(({ sorted }) => percentile(sorted, LAST_PERCENT))),
    yMax: 100,
    lines: lines.map(({ name, sorted }): ChartLine => ({ name, points: pointsOf(sorted) })),
    limits: [
      { y: 95, label: "P95" },
      { y: 50, label: "P50" },
    ],
  });
}

function pointsOf(sorted: Float64Array): readonly ChartPoint[] {
  return Array.from({ length: POINTS + 1 }, (_, at) => {
    const percent = (100 * at) / POINTS;
    return { x: percentile(sorted, percent), y: percent };
  });
}
