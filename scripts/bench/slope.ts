/** Fits a line to a value over time by least squares, and decides whether its slope is more than noise. */

const MS_PER_HOUR = 3_600_000;

/** A value at an instant. */
export interface Point {
  readonly atMs: number;
  readonly value: number;
}

/** A line that was fitted to points. */
export interface Slope {
  readonly points: number;
  readonly mean: number;
  readonly perHour: number;
  /** The standard error of `perHour`; null with fewer than three points. */
  readonly standardError: number | null;
}

/** A slope of fewer standard errors than this is noise. */
const STANDARD_ERRORS = 2;

/** A slope up to this share of the mean per hour is too small to matter. */
const SHARE_PER_HOUR = 0.01;

/** Fits a line. Without points at two instants the slope is 0 and has no standard error. */
export function fitSlope(points: readonly Point[]): Slope {
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

/** True when a slope is noise or too small to matter; false when it has no standard error. */
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
