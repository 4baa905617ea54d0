/**
 * Counts how many samples of a probe are beyond the limit of each target, and says with which confidence the target holds. Knows no
 * files: samples come one by one.
 */

import { type Sample, seriesName } from "../../lib/metrics/metrics.ts";
import { evaluateThreshold, type Stats } from "../../lib/report/stats.ts";
import { parseExpression, type TierExpressions } from "../../lib/settings/thresholds.ts";
import { designEffect, samplesNeeded, shareBounds } from "../statistics/share_bounds.ts";
import type { Check, Share } from "./probe.ts";
import { isOfCalls, metricOf, type ShareTarget, shareTarget } from "./share_targets.ts";

/** Turns that begin in the same span of this length, in ms, may be alike because the agent was busy or not. */
const SPAN_MS = 5000;

/** Where a sample comes from. */
export interface SampleOrigin {
  readonly call: string;
  /** When its turn or call began; epoch ms. */
  readonly atMs: number;
}

/** The samples of one target. */
class TargetCount {
  readonly series: string;
  readonly expression: string;
  readonly target: ShareTarget | null;
  private readonly calls = new Map<string, { samples: number; bad: number }>();
  private readonly spans = new Map<number, { samples: number; bad: number }>();
  private samples = 0;
  private bad = 0;

  constructor(series: string, expression: string) {
    this.series = series;
    this.expression = expression;
    this.target = shareTarget(series, expression);
  }

  add(value: number, { atMs, call }: SampleOrigin): void {
    const bad = this.target?.isBad(value) ? 1 : 0;
    this.samples += 1;
    this.bad += bad;
    addTo(this.calls, call, bad);
    addTo(this.spans, Math.floor(atMs / SPAN_MS), bad);
  }

  check(stats: Stats): Check {
    const { expression, samples, series } = this;
    const aggregate = parseExpression(expression)?.aggregate ?? "";
    const measured = samples === 0 ? null : (stats[series]?.[aggregate] ?? null);
    const share = this.share();
    const outcome = this.outcome(share, stats);
    return { series, expression, measured, samples, share, isOfSecondHalf: false, outcome };
  }

  /** The share of bad samples with its bounds; null for a target that asks for none. */
  private share(): Share | null {
    if (this.target === null) return null;
    const { bad, samples } = this;
    // Turns may be alike because they are of one call, and because they are of one moment: both make the share vary more.
    const effect = designEffect(this.calls.values()) + designEffect(this.spans.values()) - 1;
    const bounds = shareBounds({ bad, samples }, effect);
    const measured = samples === 0 ? null : bad / samples;
    return { allowed: this.target.allowed, measured, effectiveSamples: samples / effect, ...bounds };
  }

  private outcome(share: Share | null, stats: Stats): Check["outcome"] {
    const { expression, samples, series } = this;
    if (share === null) return holdsAsItIs(expression, stats[series]) ? "holds" : "breaks";
    if (share.measured === null) return "breaks";
    if (share.lower > share.allowed) return "breaks";
    if (share.upper < share.allowed) return "holds";
    // No longer run would have enough calls, so the measured share has to do.
    const hasTooFewCalls = isOfCalls(series) && samples < samplesNeeded(share.allowed);
    return hasTooFewCalls && share.measured < share.allowed ? "holds" : "uncertain";
  }
}

/** The counts of all targets of a gate. */
export class TargetCounts {
  private readonly counts: readonly TargetCount[];
  private readonly byMetric = new Map<string, TargetCount[]>();

  constructor(targets: TierExpressions) {
    this.counts = Object.entries(targets).flatMap(([series, expressions]) =>
      expressions.map((expression) => new TargetCount(series, expression)),
    );
    for (const count of this.counts) {
      const metric = metricOf(count.series);
      this.byMetric.set(metric, [...(this.byMetric.get(metric) ?? []), count]);
    }
  }

  /** Adds a sample to the targets on its series. */
  add({ metric, tags, value }: Sample, origin: SampleOrigin): void {
    for (const count of this.byMetric.get(metric) ?? []) {
      const { series } = count;
      const isOfSeries = Object.entries(tags ?? {}).some(([tag, of]) => series === seriesName(metric, tag, of));
      if (series === metric || isOfSeries) count.add(value, origin);
    }
  }

  /** The check of each target; `stats` are of the samples that were added. */
  checks(stats: Stats): readonly Check[] {
    return this.counts.map((count) => count.check(stats));
  }
}

/** As in k6, a Counter without samples is 0; anything else that was not measured does not hold. */
function holdsAsItIs(expression: string, aggregates: Stats[string] | undefined): boolean {
  return (
    evaluateThreshold(expression, aggregates ?? (expression.startsWith("count") ? { count: 0 } : undefined)) ?? false
  );
}

function addTo<Key>(clusters: Map<Key, { samples: number; bad: number }>, key: Key, bad: number): void {
  const cluster = clusters.get(key);
  if (cluster === undefined) clusters.set(key, { samples: 1, bad });
  else {
    cluster.samples += 1;
    cluster.bad += bad;
  }
}
