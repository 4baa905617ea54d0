/**
 * How much runs of the same agent differ from one another by more than their calls explain: the variance between runs, by the
 * method of moments (R. DerSimonian and N. Laird, Controlled Clinical Trials 7 (1986), 177-188, with equal weights).
 */

/** The variance between runs; 0 for one run. `within` has the variance that each run's own calls explain. */
export function varianceBetween(estimates: readonly number[], within: readonly number[]): number {
  return Math.max(0, varianceOf(estimates) - meanOf(within));
}

/** The mean of numbers; NaN without any. */
export function meanOf(values: Iterable<number>): number {
  let [sum, count] = [0, 0];
  for (const value of values) {
    sum += value;
    count += 1;
  }
  return sum / count;
}

/** The variance of a population of which these are a sample; 0 for fewer than two. */
export function varianceOf(values: readonly number[] | Float64Array): number {
  if (values.length < 2) return 0;
  const mean = meanOf(values);
  let sum = 0;
  for (const value of values) sum += (value - mean) ** 2;
  return sum / (values.length - 1);
}
