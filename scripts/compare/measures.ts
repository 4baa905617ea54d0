/** Measures the rows of a comparison in one run: the value as reports show it, and how much it varies by chance from call to call. */

import { percentile } from "../../lib/report/stats.ts";
import {
  ClusterBootstrap,
  type ClusteredCounts,
  type ClusteredValues,
  type Resampling,
} from "../statistics/cluster_bootstrap.ts";
import { varianceOf } from "../statistics/random_effects.ts";
import type { CallValues } from "./call_values.ts";
import { PERCENTS, ROWS, SHARES, type ShareSeries, TIMES, type TimeSeries } from "./series.ts";

/** One row in one run. */
export interface Measure {
  /** As reports show it: in ms, or a share. */
  readonly value: number;
  /** What differences are tested with: the value of a time; a share as `shareMeasure` adjusts it. */
  readonly estimate: number;
  /** Of the estimate, as far as the calls explain it; NaN for a single call. */
  readonly variance: number;
  /** How many calls have values, and how many values there are. */
  readonly calls: number;
  readonly samples: number;
  /** The value in each resample of the calls; NaN where a resample has no value. */
  readonly resampled: Float64Array;
}

/** The measures of a run by the name of the row; a row without values is not there. */
export type Measures = ReadonlyMap<string, Measure>;

/** Measures all rows of a run. */
export function measureRun(calls: readonly CallValues[], resampling: Resampling): Measures {
  const measures = new Map<string, Measure>();
  const bootstrap = new ClusterBootstrap(calls.length, resampling);
  for (const series of Object.keys(TIMES) as TimeSeries[]) {
    const values = clusteredValues(calls, series);
    if (values.values.length === 0) continue;
    const resampled = bootstrap.percentiles(values, PERCENTS);
    for (const [index, percent] of PERCENTS.entries())
      measures.set(rowName(series, `p${percent}`), timeMeasure(values, percent, resampled[index] as Float64Array));
  }
  for (const series of Object.keys(SHARES) as ShareSeries[]) {
    const counts = clusteredCounts(calls, series);
    if (counts.trials.some((trials) => trials > 0))
      measures.set(rowName(series, "rate"), shareMeasure(counts, bootstrap.shares(counts)));
  }
  return measures;
}

function rowName(series: TimeSeries | ShareSeries, statistic: string): string {
  return ROWS.find((row) => row.series === series && row.statistic === statistic)?.name ?? series;
}

function timeMeasure({ clusters, values }: ClusteredValues, percent: number, resampled: Float64Array): Measure {
  const value = percentile(values, percent);
  const calls = new Set(clusters).size;
  return {
    value,
    estimate: value,
    variance: varianceByCalls(resampled, calls),
    calls,
    samples: values.length,
    resampled,
  };
}

/**
 * Measures a share. Near 0 and 1 its resamples vary too little, and not at all where nothing failed. So the difference of shares is
 * tested with one more hit and one more miss in each run (A. Agresti and B. Caffo, The American Statistician 54 (2000), 280-288), and
 * as if there were only as many trials as tell as much as independent ones (E. L. Korn and B. I. Graubard, Survey Methodology 24
 * (1998), 193-201).
 */
function shareMeasure({ hits, trials }: ClusteredCounts, resampled: Float64Array): Measure {
  const calls = trials.filter((count) => count > 0).length;
  const samples = sum(trials);
  const value = sum(hits) / samples;
  const ofIndependent = (value * (1 - value)) / samples;
  const designEffect = ofIndependent > 0 ? Math.max(1, varianceByCalls(resampled, calls) / ofIndependent) : 1;
  const effective = samples / designEffect;
  const estimate = (value * effective + 1) / (effective + 2);
  return { value, estimate, variance: (estimate * (1 - estimate)) / (effective + 2), calls, samples, resampled };
}

/** The variance over the resamples; drawing from a few calls varies less than the calls themselves do, by the factor that is made up for. */
function varianceByCalls(resampled: Float64Array, calls: number): number {
  return (varianceOf(resampled.filter((value) => !Number.isNaN(value))) * calls) / (calls - 1);
}

/** The values of a series, ascending, each with the index of its call. */
function clusteredValues(calls: readonly CallValues[], series: TimeSeries): ClusteredValues {
  const unsorted = calls.flatMap(({ times }, call) => (times[series] ?? []).map((value) => ({ call, value })));
  const sorted = unsorted.sort((a, b) => a.value - b.value);
  return {
    values: Float64Array.from(sorted, ({ value }) => value),
    clusters: Uint32Array.from(sorted, ({ call }) => call),
  };
}

function clusteredCounts(calls: readonly CallValues[], series: ShareSeries): ClusteredCounts {
  return {
    hits: Float64Array.from(calls, ({ shares }) => shares[series]?.hits ?? 0),
    trials: Float64Array.from(calls, ({ shares }) => shares[series]?.trials ?? 0),
  };
}

function sum(values: Float64Array): number {
  return values.reduce((all, value) => all + value, 0);
}
