/**
 * Where one caller stands among the others, so that N callers neither send in one burst nor speak in one breath:
 * a load that acts in step measures the step, and makes its own generator late.
 */

/** Multiples of the golden ratio fall into the largest gap between those before them, however many there are. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** A caller's place (its number from 0) as a fraction in [0, 1). */
export function placeOf(caller: number): number {
  return (caller * GOLDEN) % 1;
}

/** How long to wait for a caller's own instant of a period, in ms: above 0, and at most the period. */
export function waitMs(place: number, periodMs: number, nowMs: number): number {
  const untilMs = (place * periodMs - (nowMs % periodMs) + periodMs) % periodMs;
  return untilMs > 0 ? untilMs : periodMs;
}
