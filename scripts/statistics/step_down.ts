/**
 * Makes many tests at once without more false alarms than one test would give: the chance that any of them is one stays below
 * the level to which the adjusted p-values are compared. Tests that are alike, such as those of a median and a 95th percentile of
 * the same times, count for little more than one of them, because the resamples show how often they fail together.
 *
 * - The step-down procedure with the smallest p-value: P. H. Westfall and S. S. Young, Resampling-Based Multiple Testing, Wiley
 *   1993, chapter 2.
 * - Weights, and the bound that needs no resamples: S. Holm, Scandinavian Journal of Statistics 6 (1979), 65-70.
 */

/** One of the tests. */
export interface Test {
  /** Its p-value, were it the only test. */
  readonly p: number;
  /** Its share of the chance of a false alarm, relative to those of the other tests. */
  readonly weight: number;
  /** How far what is tested is from its measured value in each resample, in the direction of the test; NaN where it has none. */
  readonly noise: Float64Array;
}

/** A test and its p-value in each resample, as its noise alone gives it. */
interface Resampled {
  readonly index: number;
  readonly weightedP: number;
  readonly weight: number;
  readonly nullPs: Float64Array;
}

/** The adjusted p-value of each test, in the order of the tests; all have equally many resamples. */
export function adjustedPs(tests: readonly Test[]): number[] {
  const ordered = tests
    .map(({ noise, p, weight }, index): Resampled => ({ index, weightedP: p / weight, weight, nullPs: nullPs(noise) }))
    .sort((a, b) => a.weightedP - b.weightedP);
  const adjusted = tests.map(() => 1);
  const resamples = tests[0]?.noise.length ?? 0;
  const smallest = new Float64Array(resamples).fill(Number.POSITIVE_INFINITY);
  let weights = 0;
  for (const { index, nullPs: ofTest, weight, weightedP } of [...ordered].reverse()) {
    let [asSmall, at] = [0, 0];
    for (const p of ofTest) {
      const least = Math.min(smallest[at] ?? 0, p / weight);
      smallest[at++] = least;
      if (least <= weightedP) asSmall += 1;
    }
    weights += weight;
    adjusted[index] = Math.max(weightedP * weight, Math.min(1, (asSmall + 1) / (resamples + 1), weightedP * weights));
  }
  // A test is not more certain than those that were decided before it.
  let before = 0;
  for (const { index } of ordered) adjusted[index] = before = Math.max(before, adjusted[index] ?? 1);
  return adjusted;
}

/** For each resample, the share of resamples with as much noise or more: 1 for those that have none. */
function nullPs(noise: Float64Array): Float64Array {
  const sorted = noise.filter((value) => !Number.isNaN(value)).sort();
  return noise.map((value) =>
    Number.isNaN(value) ? 1 : (sorted.length - firstNotBelow(sorted, value)) / sorted.length,
  );
}

/** The index of the first of the ascending values that is not below `value`. */
function firstNotBelow(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
