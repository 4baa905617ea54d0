/**
 * Aggregates the samples of a run by series, in the form of k6 and with its arithmetic, so that a run has the same numbers
 * whether they come from k6 or are calculated from the run's log.
 */

import { companionOf } from "../metrics/companion.ts";
import { ACCOMPANIED, KINDS, type Sample, seriesName } from "../metrics/metrics.ts";
import { parseExpression } from "../settings/thresholds.ts";
import { SampleSet } from "./sample_set.ts";

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
export function percentile(sorted: ArrayLike<number>, p: number): number {
  const rank = (p / 100) * (sorted.length - 1);
  const below = sorted[Math.floor(rank)] ?? 0;
  const above = sorted[Math.ceil(rank)] ?? below;
  return below + (above - below) * (rank - Math.floor(rank));
}

const COMPANIONS: ReadonlyMap<string, string> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ ACCOMPANIED.map((name) => [name, companionOf(name)]),
);

/** What is kept of a series: for a Trend all values, for a Counter or a Rate their number and sum. */
interface Series {
  readonly kind: "trend" | "counter" | "rate";
  readonly set: SampleSet | null;
  count: number;
  sum: number;
}

/** Collects samples, and aggregates them into the series that k6 would report, companions included. */
export class StatsBuilder {
  private readonly series = new Map<string, Series>();
  private readonly percentiles: readonly string[];

  /** `percentiles`: which to calculate for Trends, by k6's names such as `p(95)`. */
  constructor(percentiles: readonly string[]) {
    this.percentiles = percentiles;
  }

  /** Adds a sample to the series of its metric and of each of its tags. */
  add(sample: Sample): void {
    this.addTo(sample.metric, KINDS[sample.metric], sample, sample.value);
    const companion = COMPANIONS.get(sample.metric);
    if (companion !== undefined) this.addTo(companion, "counter", sample, 1);
  }

  /** Returns the aggregates of all series that have samples. */
  build(): Stats {
    const stats: Record<string, Aggregates> = {};
    for (const [name, series] of this.series) stats[name] = this.aggregate(series);
    return stats;
  }

  private addTo(name: string, kind: Series["kind"], { tags }: Sample, value: number): void {
    this.push(name, kind, value);
    if (tags === undefined) return;
    for (const tag in tags) this.push(seriesName(name, tag, tags[tag] ?? ""), kind, value);
  }

  private push(name: string, kind: Series["kind"], value: number): void {
    let series = this.series.get(name);
    if (series === undefined) {
      series = { kind, set: kind === "trend" ? new SampleSet() : null, count: 0, sum: 0 };
      this.series.set(name, series);
    }
    series.set?.add(value);
    series.count += 1;
    series.sum += value;
  }

  private aggregate({ count, kind, set, sum }: Series): Aggregates {
    if (kind === "counter" || set === null) {
      return kind === "rate" ? { rate: sum / count, passes: sum, fails: count - sum } : { count: sum };
    }
    const names = this.percentiles.map((name) => Number(name.slice(2, -1)));
    const [min = 0, max = 0, med = 0, ...values] = set.percentiles([0, 100, 50, ...names]);
    const aggregates: Record<string, number> = { count, avg: sum / count, min, max, med };
    for (const [index, name] of this.percentiles.entries()) aggregates[name] = values[index] ?? 0;
    return aggregates;
  }
}
