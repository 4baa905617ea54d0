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
  percentiles(values: ClusteredValues, percents: readonly number[]): Float64Array[] {
    const sizes = sizesOf(values.clusters);
    const found = percents.map(() => new Float64Array(this.draws.length).fill(Number.NaN));
    for (const [resample, drawn] of this.draws.entries()) {
      let total = 0;
      for (let cluster = 0; cluster < sizes.length; cluster += 1)
        total += (sizes[cluster] as number) * (drawn[cluster] as number);
      if (total === 0) continue;
      for (let index = 0; index < percents.length; index += 1)
        (found[index] as Float64Array)[resample] = percentileOf(values, drawn, total, percents[index] as number);
    }
    return found;
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

/** How many values each cluster has. */
function sizesOf(clusters: Uint32Array): Float64Array {
  const sizes = new Float64Array(clusters.reduce((most, cluster) => Math.max(most, cluster + 1), 0));
  for (const cluster of clusters) sizes[cluster] = (sizes[cluster] ?? 0) + 1;
  return sizes;
}

/**
 * A percentile of one resample, with k6's interpolation between closest ranks; `total` is the number of its values. Values are
 * counted from the nearer end, so that half of them are never looked at.
 */
function percentileOf(
  { clusters, values }: ClusteredValues,
  drawn: Uint16Array,
  total: number,
  percent: number,
): number {
  const rank = (percent / 100) * (total - 1);
  const [rankBelow, rankAbove] = [Math.floor(rank), Math.ceil(rank)];
  let [below, above] = [values[0] as number, values[values.length - 1] as number];
  if (below === above) return below;
  // The value at a rank is the first one up to which more values than the rank have been counted.
  let counted = 0;
  if (percent <= 50) {
    let at = 0;
    while (counted <= rankBelow) counted += drawn[clusters[at++] as number] as number;
    below = values[at - 1] as number;
    while (counted <= rankAbove) counted += drawn[clusters[at++] as number] as number;
    above = values[at - 1] as number;
  } else {
    let at = values.length;
    while (counted <= total - 1 - rankAbove) counted += drawn[clusters[--at] as number] as number;
    above = values[at] as number;
    while (counted <= total - 1 - rankBelow) counted += drawn[clusters[--at] as number] as number;
    below = values[at] as number;
  }
  return below + (above - below) * (rank - rankBelow);
}
