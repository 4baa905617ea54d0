/** The difference between a run and its bases in one row, and its noise: within the runs, from call to call, and between runs. */

import { meanOf, varianceBetween } from "../statistics/random_effects.ts";
import { studentQuantile, studentTail } from "../statistics/student_t.ts";
import type { Measure } from "./measures.ts";

/** The probability with which the true difference is beyond an end of its interval. */
export const LEVEL = 0.05;

/**
 * The largest adjusted p-value of a difference that is beyond noise. Less than the 5 % that are allowed, because Student's t is an
 * approximation: with long tails or few calls, false alarms are a little more frequent than their level.
 */
export const ALARM_LEVEL = 0.04;

/**
 * How likely the noise between runs is to move a difference further than is taken off it before it is tested. It is not divided
 * among the rows: it moves all of them at once.
 */
export const BETWEEN_LEVEL = 0.025;

/** A difference, the run minus the mean of its bases, in the unit of the row. */
export interface Difference {
  readonly bases: number;
  /** The estimate of the difference, and its variance as far as the calls of the runs explain it. */
  readonly estimate: number;
  readonly varianceWithin: number;
  readonly degreesOfFreedom: number;
  /** The variance between runs that the bases show, as it adds to the difference; 0 with one base, where it is not known. */
  readonly varianceBetween: number;
  /** How far each resample is from the difference itself. */
  readonly noise: Float64Array;
}

/** The difference between a run and its bases, of which there is at least one. */
export function differenceOf(bases: readonly Measure[], run: Measure): Difference {
  const count = bases.length;
  const between = varianceBetween(
    bases.map(({ estimate }) => estimate),
    bases.map(({ variance }) => variance),
  );
  const parts = [
    { variance: run.variance, calls: run.calls },
    ...bases.map(({ calls, variance }) => ({ variance: variance / count ** 2, calls })),
  ];
  const value = run.value - meanOf(bases.map((each) => each.value));
  return {
    bases: count,
    estimate: run.estimate - meanOf(bases.map(({ estimate }) => estimate)),
    varianceWithin: parts.reduce((sum, { variance }) => sum + variance, 0),
    degreesOfFreedom: degreesOfFreedom(parts),
    // The run differs from the runs' mean, and so does the mean of the bases.
    varianceBetween: between * (1 + 1 / count),
    noise: run.resampled.map((resampled, at) => {
      let sum = 0;
      for (const each of bases) sum += each.resampled[at] ?? Number.NaN;
      return resampled - sum / count - value;
    }),
  };
}

/** Of a sum of variances (B. L. Welch, Biometrika 34 (1947), 28-35): what is known of each has one less than it has calls. */
function degreesOfFreedom(parts: readonly { readonly variance: number; readonly calls: number }[]): number {
  const total = parts.reduce((sum, { variance }) => sum + variance, 0);
  const spread = parts.reduce((sum, { calls, variance }) => sum + variance ** 2 / (calls - 1), 0);
  return spread > 0 ? total ** 2 / spread : Number.POSITIVE_INFINITY;
}

/** Half the width of the 90 % interval: the true difference is above it, and below it, with a probability of 5 % each. */
export function halfWidthOf({
  bases,
  degreesOfFreedom: df,
  varianceBetween: between,
  varianceWithin,
}: Difference): number {
  const within = studentQuantile(LEVEL, df) ** 2 * varianceWithin;
  return Math.sqrt(within + betweenSquared(between, bases, LEVEL));
}

/**
 * The probability that noise within runs alone gives such a difference or a larger one in the direction of `sign`, after what the
 * noise between runs may do has been taken off.
 */
export function probabilityOf(difference: Difference, sign: 1 | -1): number {
  const { bases, degreesOfFreedom: df, estimate, varianceBetween: between, varianceWithin } = difference;
  const worse = sign * estimate;
  const left = worse > 0 ? Math.sqrt(Math.max(0, worse ** 2 - betweenSquared(between, bases, BETWEEN_LEVEL))) : worse;
  if (varianceWithin > 0) return studentTail(left / Math.sqrt(varianceWithin), df);
  return left > 0 ? 0 : 1;
}

/** How far the noise between runs moves a difference with a probability of `level`, squared: that is how independent noises add up. */
export function betweenSquared(variance: number, bases: number, level: number): number {
  return variance > 0 ? studentQuantile(level, bases - 1) ** 2 * variance : 0;
}
