/** Does a number grow over time? A line by least squares, and how sure it is. */

const MS_PER_HOUR = 3_600_000;

/** A number at an instant. */
export interface Point {
  readonly atMs: number;
  readonly value: number;
}

/** The line through points. */
export interface Slope {
  readonly points: number;
  readonly mean: number;
  readonly perHour: number;
  /** Of the slope, per hour; null where fewer than three points leave no room for it. */
  readonly standardError: number | null;
}

/** How many standard errors a slope may be away from none. */
const STANDARD_ERRORS = 2;

/** A slope below this share of the mean in an hour is none that matters. */
const SHARE_PER_HOUR = 0.01;

/** Fits a line; points at one instant only, or none, have no slope: 0 without a standard error. */
export function slopeOf(points: readonly Point[]): Slope {
  const count = points.length;
  const meanAtMs = average(points.map(({ atMs }) => atMs));
  const mean = average(points.map(({ value }) => value));
  const hours = points.map(({ atMs }) => (atMs - meanAtMs) / MS_PER_HOUR);
  const spread = sum(hours.map((hour) => hour ** 2));
  if (spread === 0) return { points: count, mean, perHour: 0, standardError: null };
  const perHour = sum(points.map(({ value }, at) => (hours[at] ?? 0) * (value - mean))) / spread;
  const residuals = points.map(({ value }, at) => value - mean - perHour * (hours[at] ?? 0));
  const variance = sum(residuals.map((residual) => residual ** 2)) / (count - 2);
  return { points: count, mean, perHour, standardError: count < 3 ? null : Math.sqrt(variance / spread) };
}

/** True when a slope cannot be told from none, or is too small to matter; a slope that nothing is known of is neither. */
export function isWithinNoise({ mean, perHour, standardError }: Slope): boolean {
  if (standardError === null) return false;
  const isSmall = Math.abs(perHour) <= SHARE_PER_HOUR * Math.abs(mean);
  return isSmall || Math.abs(perHour) < STANDARD_ERRORS * standardError;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function average(values: readonly number[]): number {
  return values.length === 0 ? 0 : sum(values) / values.length;
}
