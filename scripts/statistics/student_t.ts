/**
 * The t distribution of Student. Own code, because it is one integral: the quantile of @stdlib comes with some 200 packages,
 * simple-statistics has none, and jstat has had no release since 2022. With x = sqrt(df) tan(u) the density becomes a power of
 * cos(u), so neither a gamma nor a beta function is needed.
 */

/** More degrees of freedom are taken for this number: the distribution is then the normal one in three digits. */
const MAX_DF = 1000;

/** Steps of Simpson's rule; even. */
const STEPS = 200;

/** Newton's method has converged when a step changes the quantile by less than this. */
const PRECISION = 1e-10;

/** The probability of a value above `t`; `df`, the degrees of freedom, is 1 or more and need not be whole. */
export function studentTail(t: number, df: number): number {
  if (t < 0) return 1 - studentTail(-t, df);
  const freedom = Math.min(df, MAX_DF);
  return powerOfCosine(Math.atan(t / Math.sqrt(freedom)), freedom) / (2 * powerOfCosine(0, freedom));
}

/** The value above which a share `tail` of the distribution is; `tail` is in (0, 0.5]. */
export function studentQuantile(tail: number, df: number): number {
  const freedom = Math.min(df, MAX_DF);
  const half = powerOfCosine(0, freedom);
  // The tail is convex above 0, so each step ends below the quantile, and the next one begins nearer to it.
  let t = 0;
  for (let step = Number.POSITIVE_INFINITY; step > PRECISION * (1 + t); t += step) {
    const density = (1 + t ** 2 / freedom) ** (-(freedom + 1) / 2) / (2 * half * Math.sqrt(freedom));
    step = (studentTail(t, freedom) - tail) / density;
  }
  return t;
}

/** The integral of cos(u)^(df - 1) from `from` to pi / 2. */
function powerOfCosine(from: number, df: number): number {
  const step = (Math.PI / 2 - from) / STEPS;
  let sum = 0;
  for (let at = 0; at <= STEPS; at += 1) {
    const weight = at === 0 || at === STEPS ? 1 : at % 2 === 1 ? 4 : 2;
    sum += weight * Math.max(0, Math.cos(from + at * step)) ** (df - 1);
  }
  return (sum * step) / 3;
}
