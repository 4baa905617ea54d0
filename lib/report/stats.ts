/**
 * Aggregates the samples of a run by series, in the form of k6 and with its arithmetic, so that a run has the same numbers
 * whether they come from k6 or are calculated from the run's log.
 */

import { ACCOMPANIED, companionOf, KINDS, type Sample, seriesName } from "../metrics/metrics.ts";
import { parseExpression } from "../settings/thresholds.ts";

/** The aggregates of a series, by k6's names: `count`, `avg`, `min`, `max`, `p(95)`, `rate`. */
export type Aggregates = Readonly<Record<string, number>>;

/** Aggregates by series name: `ttfb`, `ttfb{turn:01}`. */
export type Stats = Readonly<Record<string, Aggregates>>;

/** True when the series has samples; k6 reports a gated series without samples as zeros. */
export function hasSamples(aggregates: Aggregates | undefined): aggregates is Aggregates {
  if (aggregates === undefined) return false;
  if (aggregates.passes !== undefined) return aggregates.passes + (aggregates.fails ?? 0) > 0;
  return (aggregates.count ?? 0) > 0;
}

/** Returns the number of samples of a Trend or a Rate, or the sum of a Counter; 0 for an unknown series. */
export function countOf(stats: Stats, series: string): number {
  const aggregates = stats[series];
  if (aggregates === undefined) return 0;
  return aggregates.count ?? (aggregates.passes ?? 0) + (aggregates.fails ?? 0);
}

/**
 * True when there are enough samples for the aggregate: at least 1/(1-p) for a percentile p in [0, 1), one for every other
 * aggregate.
 */
export function hasEnoughSamples(aggregate: string, aggregates: Aggregates): boolean {
  const percent = /^p\((.+)\)$/.exec(aggregate)?.[1];
  if (!hasSamples(aggregates)) return false;
  return percent === undefined || (aggregates.count ?? 0) * (100 - Number(percent)) >= 100;
}

/**
 * Evaluates a threshold expression as k6 does: true when it holds. Returns null when the expression is not valid or the
 * aggregate is missing.
 */
export function evaluateThreshold(expression: string, aggregates: Aggregates | undefined): boolean | null {
  const parsed = parseExpression(expression);
  const value = parsed === null ? undefined : aggregates?.[parsed.aggregate];
  if (parsed === null || value === undefined) return null;
  switch (parsed.operator) {
    case "<":
      return value < parsed.limit;
    case "<=":
      return value <= parsed.limit;
    case ">":
      return value > parsed.limit;
    case ">=":
      return value >= parsed.limit;
    case "!=":
      return value !== parsed.limit;
    default:
      return value === parsed.limit;
  }
}

/** Returns a percentile with k6's interpolation between closest ranks; `sorted` ascends and is not empty, `p` is in [0, 100]. */
export function percentile(sorted: readonly number[], p: number): number {
  const rank = (p / 100) * (sorted.length - 1);
  const below = sorted[Math.floor(rank)] ?? 0;
  const above = sorted[Math.ceil(rank)] ?? below;
  return below + (above - below) * (rank - Math.floor(rank));
}

/** Collects samples, and aggregates them into the series that k6 would report, companions included. */
export class StatsBuilder {
  private readonly values = new Map<string, { kind: "trend" | "counter" | "rate"; values: number[] }>();
  private readonly percentiles: readonly string[];

  /** `percentiles`: which to calculate for Trends, by k6's names such as `p(95)`. */
  constructor(percentiles: readonly string[]) {
    this.percentiles = percentiles;
  }

  /** Adds a sample to the series of its metric and of each of its tags. */
  add(sample: Sample): void {
    this.push(sample.metric, KINDS[sample.metric], sample);
    if (ACCOMPANIED.includes(sample.metric)) this.push(companionOf(sample.metric), "counter", { ...sample, value: 1 });
  }

  /** Returns the aggregates of all series that have samples. */
  build(): Stats {
    const stats: Record<string, Aggregates> = {};
    for (const [series, { kind, values }] of this.values) stats[series] = this.aggregate(kind, values);
    return stats;
  }

  private push(name: string, kind: "trend" | "counter" | "rate", sample: Sample): void {
    const tags = Object.entries(sample.tags ?? {});
    for (const series of [name, ...tags.map(([tag, value]) => seriesName(name, tag, value))]) {
      const entry = this.values.get(series) ?? { kind, values: [] };
      entry.values.push(sample.value);
      this.values.set(series, entry);
    }
  }

  private aggregate(kind: "trend" | "counter" | "rate", values: readonly number[]): Aggregates {
    const sum = values.reduce((total, value) => total + value, 0);
    if (kind === "counter") return { count: sum };
    if (kind === "rate") return { rate: sum / values.length, passes: sum, fails: values.length - sum };
    const sorted = [...values].sort((a, b) => a - b);
    const aggregates: Record<string, number> = {
      count: values.length,
      avg: sum / values.length,
      min: sorted[0] ?? 0,
      max: sorted.at(-1) ?? 0,
      med: percentile(sorted, 50),
    };
    for (const name of this.percentiles) aggregates[name] = percentile(sorted, Number(name.slice(2, -1)));
    return aggregates;
  }
}
