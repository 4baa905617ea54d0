/**
 * How sure a share is, such as "3 of 120 turns were slower than 2 s": exact binomial confidence bounds, and the number of
 * samples that they need. Own code, because it is a sum of a few terms: the beta quantile of @stdlib comes with 233 packages,
 * and jstat has had no release since 2022.
 *
 * - The bounds: C. J. Clopper and E. S. Pearson, Biometrika 26 (1934), 404-413.
 * - Samples that are alike count for less: E. L. Korn and B. I. Graubard, Survey Methodology 24 (1998), 193-201.
 * - Samples without a bad one: S. S. Wilks, Annals of Mathematical Statistics 12 (1941), 91-96.
 */

/** The probability with which each bound holds, one-sided. */
export const CONFIDENCE = 0.95;

/** Samples, and how many of them are bad. */
export interface Count {
  readonly samples: number;
  readonly bad: number;
}

/** Between which the true share of bad samples is: below `upper` with 95 % confidence, and above `lower` with as much. */
export interface ShareBounds {
  readonly lower: number;
  readonly upper: number;
}

/** Halvings of the interval in which a bound is looked for: more than a double can tell apart. */
const HALVINGS = 50;

/** Keeps a product such as 0.03 x 100 from being rounded up. */
const ROUNDING = 1e-9;

/**
 * The bounds of the share of bad samples. `designEffect` (1 or more) is how many of these samples tell as much as a single
 * independent one. Without samples the share may be anything.
 */
export function shareBounds({ bad, samples }: Count, designEffect = 1): ShareBounds {
  const effective = Math.floor(samples / designEffect + ROUNDING);
  if (effective < 1) return { lower: 0, upper: 1 };
  const effectiveBad = (bad / samples) * effective;
  const most = Math.ceil(effectiveBad - ROUNDING);
  const least = Math.floor(effectiveBad + ROUNDING);
  const miss = 1 - CONFIDENCE;
  return {
    lower: least === 0 ? 0 : shareWhere((share) => atLeast(least, effective, share) < miss),
    upper: most === effective ? 1 : shareWhere((share) => 1 - atLeast(most + 1, effective, share) > miss),
  };
}

/**
 * The fewest samples that can show that less than `allowed` of all are bad: so many that, were the share `allowed`, all of them
 * would be good with a probability of less than 5 %. 59 for a share of 0.05.
 */
export function samplesNeeded(allowed: number): number {
  return Math.floor(Math.log(1 - CONFIDENCE) / Math.log(1 - allowed)) + 1;
}

/**
 * How many times more the share of bad samples varies than it would if all samples were independent. Each cluster holds samples
 * that may be alike, such as the turns of one call. Never below 1; 1 where it cannot be told.
 */
export function designEffect(clusters: Iterable<Count>): number {
  const all = [...clusters].filter(({ samples }) => samples > 0);
  const samples = all.reduce((sum, cluster) => sum + cluster.samples, 0);
  const share = all.reduce((sum, { bad }) => sum + bad, 0) / samples;
  const ofIndependent = (share * (1 - share)) / (samples - 1);
  if (all.length < 2 || !(ofIndependent > 0)) return 1;
  const squares = all.reduce((sum, cluster) => sum + (cluster.bad - share * cluster.samples) ** 2, 0);
  const ofClusters = ((all.length / (all.length - 1)) * squares) / samples ** 2;
  return Math.max(1, ofClusters / ofIndependent);
}

/** The largest share for which `isBelow` holds; it holds from 0 up to that share. */
function shareWhere(isBelow: (share: number) => boolean): number {
  let [low, high] = [0, 1];
  for (let halving = 0; halving < HALVINGS; halving += 1) {
    const middle = (low + high) / 2;
    if (isBelow(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The probability that at least `count` of `samples` are bad, where each is so with the probability `share`. */
function atLeast(count: number, samples: number, share: number): number {
  if (count <= 0) return 1;
  if (count > samples || share <= 0) return 0;
  if (share >= 1) return 1;
  // The terms are added from the largest one on: away from the mean.
  const isAboveMean = count > samples * share;
  const sum = isAboveMean ? sumUp(count, samples, share) : sumUp(samples - count + 1, samples, 1 - share);
  return isAboveMean ? sum : 1 - sum;
}

/** The sum of the binomial terms from `count` up to `samples`; `count` is above the mean, so that they fall. */
function sumUp(count: number, samples: number, share: number): number {
  let term = Math.exp(logChoose(samples, count) + count * Math.log(share) + (samples - count) * Math.log1p(-share));
  let sum = term;
  for (let at = count; at < samples && term > sum * Number.EPSILON; at += 1) {
    term *= ((samples - at) / (at + 1)) * (share / (1 - share));
    sum += term;
  }
  return sum;
}

/** The logarithm of the number of ways to choose `count` of `samples`. */
function logChoose(samples: number, count: number): number {
  const fewer = Math.min(count, samples - count);
  let sum = 0;
  for (let at = 1; at <= fewer; at += 1) sum += Math.log((samples - fewer + at) / at);
  return sum;
}
