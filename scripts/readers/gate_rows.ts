/** The gate, row by row: every expression of every tier, what was measured, and whether it held. */

import { KINDS, type MetricName } from "../../lib/metrics/metrics.ts";
import { hasSamples, holds } from "../../lib/report/stats.ts";
import type { Run } from "../../lib/report/summary.ts";
import { parseExpression, TIERS, type Tier } from "../../lib/settings/thresholds.ts";

/** One expression of one tier. */
export interface GateRow {
  readonly tier: Tier;
  /** True for the tier that decides. */
  readonly decides: boolean;
  readonly series: string;
  readonly expression: string;
  /** What was measured, with its unit; `no data` where nothing was. */
  readonly measured: string;
  readonly grade: "pass" | "fail" | "none";
}

/** All rows, tier by tier. */
export function gateRows({ settings, stats, tiers }: Run): GateRow[] {
  return TIERS.flatMap((tier) =>
    Object.entries(tiers[tier]).flatMap(([series, expressions]) =>
      expressions.map((expression): GateRow => {
        const aggregates = stats[series];
        const measured = hasSamples(aggregates);
        const value = measured ? aggregates[parseExpression(expression)?.aggregate ?? ""] : undefined;
        const grade = !measured ? "none" : holds(expression, aggregates) === false ? "fail" : "pass";
        return { tier, decides: tier === settings.GATE, series, expression, measured: amount(series, value), grade };
      }),
    ),
  );
}

function amount(series: string, value: number | undefined): string {
  if (value === undefined) return "no data";
  const kind = KINDS[(series.split("{")[0] ?? "") as MetricName];
  if (kind === "rate") return `${(value * 100).toFixed(1)} %`;
  return kind === "trend" ? `${Math.round(value)} ms` : String(value);
}
