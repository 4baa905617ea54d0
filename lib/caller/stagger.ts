/**
 * Staggers callers, so that N of them neither send their frames at the same instant, nor speak or leave at the same time.
 * Callers in step would measure the step, and would make their own generator late.
 */

/** Multiples of the golden ratio, modulo 1, always fall into the largest gap between those before them, for any N. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** A caller's offset (its number from 0) as a fraction of a period, in [0, 1). */
export function staggerFraction(caller: number): number {
  return (caller * GOLDEN) % 1;
}

/** How long a caller waits from `nowMs` until its own instant of a period, in ms: above 0, and at most the period. */
export function staggerWaitMs(fraction: number, periodMs: number, nowMs: number): number {
  const untilMs = (fraction * periodMs - (nowMs % periodMs) + periodMs) % periodMs;
  return untilMs > 0 ? untilMs : periodMs;
}
