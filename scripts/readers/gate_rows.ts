/** Evaluates every threshold expression of every tier: the measured value, and whether the expression holds. */

import { KINDS, type MetricName } from "../../lib/metrics/metrics.ts";
import type { RunSummary } from "../../lib/report/run_summary.ts";
import { evaluateThreshold, hasSamples } from "../../lib/report/stats.ts";
import { parseExpression, TIERS, type Tier } from "../../lib/settings/thresholds.ts";

/** One threshold expression of one tier. */
export interface GateRow {
  readonly tier: Tier;
  /** True for the tier that decides the verdict (setting GATE). */
  readonly decides: boolean;
  readonly series: string;
  readonly expression: string;
  /** The measured value with its unit; `no data` where there are no samples. */
  readonly measured: string;
  readonly grade: "pass" | "fail" | "none";
}

/** All rows, in the order of the tiers. */
export function gateRows({ settings, stats, tiers }: RunSummary): GateRow[] {
  return TIERS.flatMap((tier) =>
    Object.entries(tiers[tier]).flatMap(([series, expressions]) =>
      expressions.map((expression): GateRow => {
        const aggregates = stats[series];
        const measured = hasSamples(aggregates);
        const value = measured ? aggregates[parseExpression(expression)?.aggregate ?? ""] : undefined;
        const grade = !measured ? "none" : evaluateThreshold(expression, aggregates) === false ? "fail" : "pass";
        return { tier, decides: tier === settings.GATE, series, expression, measured: valueText(series, value), grade };
      }),
    ),
  );
}

/** A value of a series with its unit: a share as `99.2 %`, a time as `1209 ms`. `more`: how many more decimals than usual. */
export function valueText(series: string, value: number | undefined, more = 0): string {
  if (value === undefined) return "no data";
  const kind = KINDS[(series.split("{")[0] ?? "") as MetricName];
  if (kind === "rate") return `${(value * 100).toFixed(1 + more)} %`;
  return kind === "trend" ? `${value.toFixed(more)} ms` : String(value);
}
