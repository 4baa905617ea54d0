/**
 * How much percentiles and shares vary by chance, where values come in clusters whose members are alike, such as the turns of
 * one call: whole clusters are drawn with replacement, as many as there are, again and again (cluster bootstrap). Own code:
 * libraries draw single values, which takes the turns of one call for independent ones.
 *
 * - A. C. Davison and D. V. Hinkley, Bootstrap Methods and their Application, Cambridge 1997, section 3.8.
 * - C. A. Field and A. H. Welsh, Bootstrapping clustered data, Journal of the Royal Statistical Society B 69 (2007), 369-390.
 */

import { seededRandom } from "./seeded_random.ts";

/** Values of one kind, each with the number of its cluster. */
export interface ClusteredValues {
  /** Ascending. */
  readonly values: Float64Array;
  /** The cluster of each value, from 0. */
  readonly clusters: Uint32Array;
}

/** How often something happened, by cluster: `hits[c]` of `trials[c]` times. */
export interface ClusteredCounts {
  readonly hits: Float64Array;
  readonly trials: Float64Array;
}

/** How to resample. */
export interface Resampling {
  readonly resamples: number;
  readonly seed: number;
}

/** Draws clusters of one sample. All that is asked of it at once sees the same draws. */
export class ClusterBootstrap {
  /** How often each cluster was drawn, by resample. */
  private readonly draws: readonly Uint16Array[];

  /** `clusters` is their number, at least 1. */
  constructor(clusters: number, { resamples, seed }: Resampling) {
    const random = seededRandom(seed);
    this.draws = Array.from({ length: resamples }, () => {
      const drawn = new Uint16Array(clusters);
      for (let draw = 0; draw < clusters; draw += 1) {
        const cluster = Math.floor(random() * clusters);
        drawn[cluster] = (drawn[cluster] ?? 0) + 1;
      }
      return drawn;
    });
  }

  /** The percentiles of the values in each resample, by percentile, in [0, 100]; NaN for a resample without any value. */
  percentiles(sample: ClusteredValues, percents: readonly number[]): Float64Array[] {
    const { clusters } = sample;
    const sizes = countsOf(clusters);
    return percents.map((percent) => {
      // A percentile of a resample is not far from that of all values: the search begins there.
      const at = Math.floor((percent / 100) * clusters.length);
      const before = countsOf(clusters.subarray(0, at));
      return Float64Array.from(this.draws, (drawn) => {
        const total = drawnOf(sizes, drawn);
        return total === 0 ? Number.NaN : percentileOf(sample, drawn, percent, total, at, drawnOf(before, drawn));
      });
    });
  }

  /** The share of hits in each resample; NaN for a resample without any trial. */
  shares({ hits, trials }: ClusteredCounts): Float64Array {
    return Float64Array.from(this.draws, (drawn) => {
      let [hit, tried] = [0, 0];
      for (let cluster = 0; cluster < drawn.length; cluster += 1) {
        hit += (drawn[cluster] ?? 0) * (hits[cluster] ?? 0);
        tried += (drawn[cluster] ?? 0) * (trials[cluster] ?? 0);
      }
      return tried > 0 ? hit / tried : Number.NaN;
    });
  }
}

/** How many of these values each cluster has. */
function countsOf(clusters: Uint32Array): Float64Array {
  const counts = new Float64Array(clusters.reduce((most, cluster) => Math.max(most, cluster + 1), 0));
  for (const cluster of clusters) counts[cluster] = (counts[cluster] ?? 0) + 1;
  return counts;
}

/** How many values a resample has of those that are counted by cluster. */
function drawnOf(counts: Float64Array, drawn: Uint16Array): number {
  let sum = 0;
  for (let cluster = 0; cluster < counts.length; cluster += 1)
    sum += (counts[cluster] as number) * (drawn[cluster] as number);
  return sum;
}

/**
 * A percentile of one resample, with k6's interpolation between closest ranks. `total` is the number of its values, of which
 * `before` come before the index `start`.
 */
function percentileOf(
  { clusters, values }: ClusteredValues,
  drawn: Uint16Array,
  percent: number,
  total: number,
  start: number,
  before: number,
): number {
  const rank = (percent / 100) * (total - 1);
  const rankBelow = Math.floor(rank);
  let [at, counted] = [start, before];
  // The value at a rank is the first one up to which more values than the rank have been counted.
  while (counted > rankBelow) counted -= drawn[clusters[--at] as number] as number;
  while (counted <= rankBelow) counted += drawn[clusters[at++] as number] as number;
  const below = values[at - 1] as number;
  while (counted <= Math.ceil(rank)) counted += drawn[clusters[at++] as number] as number;
  return below + ((values[at - 1] as number) - below) * (rank - rankBelow);
}
