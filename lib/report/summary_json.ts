/** Makes the content of `summary.json`: a run's verdict, settings, metrics and their grades as JSON. */

import { KINDS } from "../metrics/metrics.ts";
import { shownSettings } from "../settings/masking.ts";
import { TIERS, type Tier, type Tiers } from "../settings/thresholds.ts";
import type { RunSummary } from "./run_summary.ts";
import { type Aggregates, countOf, evaluateThreshold, hasEnoughSamples, hasSamples, type Stats } from "./stats.ts";

/** The result of a tier's expressions for a series: `none` where the tier has none or nothing was measured. */
export type Grade = "pass" | "fail" | "none";

/** The version of the format of `summary.json`: it rises when a field is removed or changes its meaning. */
export const SUMMARY_FORMAT = 1;

/** Names of aggregates: k6's to those of `summary.json`. */
const SUMMARY_NAMES: Readonly<Record<string, string>> = {
  count: "count",
  avg: "avg",
  min: "min",
  "p(50)": "p50",
  "p(90)": "p90",
  "p(95)": "p95",
  "p(99)": "p99",
  max: "max",
  rate: "rate",
};

/** Makes the content of `summary.json`; secrets are masked. `k6` is null because a script cannot know k6's version. */
export function summaryJson(run: RunSummary): Readonly<Record<string, unknown>> {
  const metrics = Object.entries(run.stats)
    .filter(([series, aggregates]) => (series.split("{")[0] ?? "") in KINDS && isIncluded(series, aggregates))
    .map(([series, aggregates]) => [series, { ...summaryAggregates(aggregates), grade: grades(run, series) }]);
  return {
    format: SUMMARY_FORMAT,
    version: run.version,
    k6: null,
    verdict: run.verdict,
    reasons: run.reasons,
    remarks: run.remarks,
    scenario: run.scenario,
    url: run.url,
    settings: shownSettings(run.settings),
    thresholds: run.tiers,
    metrics: Object.fromEntries(metrics),
    generator: {
      sendLagP99Ms: run.stats.send_lag?.["p(99)"] ?? null,
      callSeconds: countOf(run.stats, "send_lag_seconds"),
      lateTurns: countOf(run.stats, "generator_late"),
      clockSteps: countOf(run.stats, "clock_step"),
      go: run.go,
    },
  };
}

/** Leaves out tagged series without samples, which would be most of the file. */
function isIncluded(series: string, aggregates: Aggregates): boolean {
  return !series.includes("{") || hasSamples(aggregates);
}

function grades(run: RunSummary, series: string): Readonly<Record<string, Grade>> {
  return Object.fromEntries(TIERS.map((tier) => [tier, gradeOf(run.tiers, tier, series, run.stats)]));
}

/** Grades a series by the expressions of a tier: `pass` when all of them hold. */
export function gradeOf(tiers: Tiers, tier: Tier, series: string, stats: Stats): Grade {
  const expressions = tiers[tier][series];
  if (expressions === undefined || !hasSamples(stats[series])) return "none";
  return expressions.every((expression) => evaluateThreshold(expression, stats[series])) ? "pass" : "fail";
}

/** Renames the aggregates for `summary.json`; null where there are too few samples for one. */
function summaryAggregates(aggregates: Aggregates): Readonly<Record<string, number | null>> {
  const entries = Object.entries(SUMMARY_NAMES).flatMap(([from, to]) => {
    const value = aggregates[from];
    // k6 gives Counters a rate per second, which is not the rate of a Rate metric.
    if (value === undefined || (from === "rate" && aggregates.passes === undefined)) return [];
    return [[to, from === "count" || hasEnoughSamples(from, aggregates) ? value : null]];
  });
  return Object.fromEntries(entries);
}
