import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { percentile } from "../../lib/report/stats.ts";
import { ClusterBootstrap, type ClusteredValues } from "./cluster_bootstrap.ts";
import { varianceOf } from "./random_effects.ts";
import { seededRandom } from "./seeded_random.ts";

const PERCENTS = [0, 5, 50, 50.5, 95, 100];

/** Values as the bootstrap takes them; `clusters` has the values of each. */
function clusteredValues(clusters: readonly (readonly number[])[]): ClusteredValues {
  const all = clusters.flatMap((values, cluster) => values.map((value) => ({ cluster, value })));
  all.sort((a, b) => a.value - b.value);
  return {
    values: Float64Array.from(all, ({ value }) => value),
    clusters: Uint32Array.from(all, ({ cluster }) => cluster),
  };
}

describe("a cluster bootstrap", () => {
  it("has in each resample the percentiles of whole clusters, drawn with replacement", () => {
    const value = fc.oneof(fc.constantFrom(0, 250), fc.double({ min: 0, max: 1e4, noNaN: true }));
    const anyClusters = fc.array(fc.array(value, { maxLength: 6 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(anyClusters, fc.nat(), (clusters, seed) => {
        const found = new ClusterBootstrap(clusters.length, { resamples: 3, seed }).percentiles(
          clusteredValues(clusters),
          PERCENTS,
        );
        const random = seededRandom(seed);
        for (const resample of [0, 1, 2]) {
          const drawn = clusters.flatMap(() => clusters[Math.floor(random() * clusters.length)] ?? []);
          const sorted = drawn.sort((a, b) => a - b);
          for (const [index, percent] of PERCENTS.entries()) {
            const value = found[index]?.[resample];
            if (sorted.length === 0) expect(value).toBeNaN();
            else expect(value).toBeCloseTo(percentile(sorted, percent), 8);
          }
        }
      }),
    );
  });

  it("has shares of the trials that were drawn, and none where no cluster with a trial was", () => {
    const counts = { hits: Float64Array.of(1, 0), trials: Float64Array.of(2, 0) };
    const shares = [...new ClusterBootstrap(2, { resamples: 200, seed: 1 }).shares(counts)];
    expect(new Set(shares)).toEqual(new Set([0.5, Number.NaN]));
  });

  it("shows that values of one cluster are alike: a median varies as its clusters do, not as its values do", () => {
    const random = seededRandom(3);
    const centres = Array.from({ length: 40 }, () => 1000 * random());
    const clusters = centres.map((centre) => Array.from({ length: 25 }, () => centre + random()));
    const resampling = { resamples: 2000, seed: 1 };
    const [byCluster] = new ClusterBootstrap(40, resampling).percentiles(clusteredValues(clusters), [50]);
    const single = clusters.flat().map((value) => [value]);
    const [byValue] = new ClusterBootstrap(1000, resampling).percentiles(clusteredValues(single), [50]);
    // The standard error of a median of 40 uniform values is about 1000 / (2 sqrt(40)) = 79.
    const [clustered, independent] = [byCluster, byValue].map((found) => Math.sqrt(varianceOf(found ?? [])));
    expect(clustered).toBeGreaterThan(55);
    expect(clustered).toBeLessThan(110);
    expect(independent).toBeLessThan((clustered ?? 0) / 2.5);
  });
});
