/** A run's report as data: what a run is, and the content of `summary.json`. */

import { KINDS } from "../metrics/metrics.ts";
import { shownSettings } from "../settings/masking.ts";
import type { Settings } from "../settings/settings.ts";
import { TIERS, type Tier, type Tiers } from "../settings/thresholds.ts";
import { type Aggregates, countOf, enough, hasSamples, holds, type Stats } from "./stats.ts";
import type { Judgement } from "./verdict.ts";

/** A run as its report sees it. */
export interface Run extends Judgement {
  readonly version: string;
  readonly scenario: string;
  readonly url: string;
  readonly settings: Settings;
  readonly tiers: Tiers;
  readonly stats: Stats;
  /** What a reader should know before the numbers. */
  readonly remarks: readonly string[];
}

/** How a series stands against a tier: `none` where the tier does not judge it or nothing was measured. */
export type Grade = "pass" | "fail" | "none";

/** The version of `summary.json`: it rises when a field is taken away or means something else. */
export const SUMMARY_FORMAT = 1;

const SUMMARY_STATS: Readonly<Record<string, string>> = {
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

/** The report as data: the content of `summary.json`. */
export function summaryJson(run: Run): Readonly<Record<string, unknown>> {
  const metrics = Object.entries(run.stats)
    .filter(([series, aggregates]) => (series.split("{")[0] ?? "") in KINDS && isShown(series, aggregates))
    .map(([series, aggregates]) => [series, { ...shownAggregates(aggregates), grade: grades(run, series) }]);
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
    },
  };
}

/** Series of tags that nothing was counted under would be most of the file. */
function isShown(series: string, aggregates: Aggregates): boolean {
  return !series.includes("{") || hasSamples(aggregates);
}

function grades(run: Run, series: string): Readonly<Record<string, Grade>> {
  return Object.fromEntries(TIERS.map((tier) => [tier, gradeOf(run.tiers, tier, series, run.stats)]));
}

/** Grades a series against a tier. */
export function gradeOf(tiers: Tiers, tier: Tier, series: string, stats: Stats): Grade {
  const expressions = tiers[tier][series];
  if (expressions === undefined || !hasSamples(stats[series])) return "none";
  return expressions.every((expression) => holds(expression, stats[series])) ? "pass" : "fail";
}

function shownAggregates(aggregates: Aggregates): Readonly<Record<string, number | null>> {
  const shown = Object.entries(SUMMARY_STATS).flatMap(([from, to]) => {
    const value = aggregates[from];
    // k6 gives Counters a rate per second, which is no rate of anything here.
    if (value === undefined || (from === "rate" && aggregates.passes === undefined)) return [];
    return [[to, from === "count" || enough(from, aggregates) ? value : null]];
  });
  return Object.fromEntries(shown);
}
