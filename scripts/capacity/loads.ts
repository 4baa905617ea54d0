/** Which load is tried next: loads below, between and near others, as multiples of a unit. Pure. */

import type { KnownLoad } from "./evidence.ts";

/** Two loads whose ratio is at most this are within one step: the smaller one is the answer. */
export const STEP = 1.05;

/** The same below a load that stayed uncertain: the limit may be above it. */
export const STEP_BELOW_DOUBT = 1.025;

/** By how much the load falls at most in one step, and while not even the smallest one holds. */
export const SHRINK = 4;

/** How fast the share of bad samples grows with the load, where that is not known: as this power of it. */
export const USUAL_GROWTH = 8;

/** The least part of the way from one load to another, so that each step comes nearer to the end. */
const LEAST_PART = 0.2;

/** The bounds of a search. */
export interface SearchLimits {
  /** The load of the first probe. */
  readonly start: number;
  readonly max: number;
  /** Loads are multiples of this: 1 caller. It is also the smallest load. */
  readonly unit: number;
}

/** True where the ratio of two loads is at most `ratio`. */
export function isWithin(low: number, high: number, ratio: number): boolean {
  return high <= low * ratio * (1 + Number.EPSILON);
}

/**
 * Where the share of bad samples is expected to be `target` times what is allowed: on the line through two loads, both axes
 * logarithmic; in the middle where the shares do not tell.
 */
export function aim(low: KnownLoad, high: KnownLoad, target: number): number {
  const [least, most] = [low.last.severity, high.last.severity];
  const ratio = high.load / low.load;
  if (least === null || most === null || least >= target || most <= target) return low.load * Math.sqrt(ratio);
  const part = Math.log(target / least) / Math.log(most / least);
  return low.load * ratio ** Math.min(Math.max(part, LEAST_PART), 1 - LEAST_PART);
}

/** A load that is lower by `step` or more: where the share of bad samples is expected to be `target` times what is allowed. */
export function lower({ last, load }: KnownLoad, target: number, step: number, limits: SearchLimits): number {
  const expected = load * (target / Math.max(last.severity ?? 1, 1)) ** (1 / USUAL_GROWTH);
  return Math.min(nearestMultiple(Math.max(expected, load / SHRINK), limits.unit), below(load, step, limits));
}

/** The smallest load whose ratio to `top` is at most `ratio`, and that is smaller than `top`. */
export function below(top: number, ratio: number, limits: SearchLimits): number {
  const load = nearestMultiple(top / ratio, limits.unit);
  const near = isWithin(load, top, ratio) ? load : nearestMultiple(load + limits.unit, limits.unit);
  return Math.min(near, nearestMultiple(top - limits.unit, limits.unit));
}

/** Twice a load, or the largest one. */
export function doubled(load: number, limits: SearchLimits): number {
  return Math.min(nearestMultiple(2 * load, limits.unit), limits.max);
}

/** The allowed load that is nearest to a load and between two others. */
export function inside(load: number, low: KnownLoad, high: KnownLoad, limits: SearchLimits): number {
  const least = nearestMultiple(low.load + limits.unit, limits.unit);
  return Math.min(
    Math.max(nearestMultiple(load, limits.unit), least),
    nearestMultiple(high.load - limits.unit, limits.unit),
  );
}

/** The multiple of the unit that is nearest to a load, at least one. */
export function nearestMultiple(load: number, unit: number): number {
  const decimals = Math.max(0, -Math.floor(Math.log10(unit) + 1e-9));
  return Number((Math.max(1, Math.round(load / unit)) * unit).toFixed(decimals));
}
