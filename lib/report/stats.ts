/**
 * The numbers of a run by series, in k6's own form and with k6's own arithmetic, whether k6 made them or
 * they were made again from the run's log.
 */

import { ACCOMPANIED, companionOf, KINDS, type Sample, seriesName } from "../metrics/metrics.ts";
import { parseExpression } from "../settings/thresholds.ts";

/** A series' aggregates as k6 names them: `count`, `avg`, `min`, `max`, `p(95)`, `rate`. */
export type Aggregates = Readonly<Record<string, number>>;

/** Aggregates by series name: `ttfb`, `ttfb{turn:01}`. */
export type Stats = Readonly<Record<string, Aggregates>>;

/** True when the series has samples; k6 shows gated series without samples as zeros. */
export function hasSamples(aggregates: Aggregates | undefined): aggregates is Aggregates {
  if (aggregates === undefined) return false;
  if (aggregates.passes !== undefined) return aggregates.passes + (aggregates.fails ?? 0) > 0;
  return (aggregates.count ?? 0) > 0;
}

/** How many samples a series has; the sum of a Counter. */
export function countOf(stats: Stats, series: string): number {
  const aggregates = stats[series];
  if (aggregates === undefined) return 0;
  return aggregates.count ?? (aggregates.passes ?? 0) + (aggregates.fails ?? 0);
}

/** True when the samples carry the aggregate: a percentile p wants at least 1/(1-p) of them, all others one. */
export function enough(aggregate: string, aggregates: Aggregates): boolean {
  const percent = /^p\((.+)\)$/.exec(aggregate)?.[1];
  if (!hasSamples(aggregates)) return false;
  return percent === undefined || (aggregates.count ?? 0) * (100 - Number(percent)) >= 100;
}

/** Says whether a threshold expression holds, as k6 would; null when the aggregate is not there. */
export function holds(expression: string, aggregates: Aggregates | undefined): boolean | null {
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

/**
 * A percentile with k6's interpolation between closest ranks; `sorted` ascends and is not empty, `p` in [0, 100].
 */
export function percentile(sorted: readonly number[], p: number): number {
  const rank = (p / 100) * (sorted.length - 1);
  const below = sorted[Math.floor(rank)] ?? 0;
  const above = sorted[Math.ceil(rank)] ?? below;
  return below + (above - below) * (rank - Math.floor(rank));
}

/** Collects samples into the series that k6 would have. */
export class StatsBuilder {
  private readonly values = new Map<string, { kind: "trend" | "counter" | "rate"; values: number[] }>();
  private readonly percentiles: readonly string[];

  /** `percentiles` as k6 names them: `p(95)`. */
  constructor(percentiles: readonly string[]) {
    this.percentiles = percentiles;
  }

  add(sample: Sample): void {
    this.push(sample.metric, KINDS[sample.metric], sample);
    if (ACCOMPANIED.includes(sample.metric)) this.push(companionOf(sample.metric), "counter", { ...sample, value: 1 });
  }

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
    const stats: Record<string, number> = {
      count: values.length,
      avg: sum / values.length,
      min: sorted[0] ?? 0,
      max: sorted.at(-1) ?? 0,
      med: percentile(sorted, 50),
    };
    for (const name of this.percentiles) stats[name] = percentile(sorted, Number(name.slice(2, -1)));
    return stats;
  }
}
