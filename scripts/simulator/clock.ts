/** The simulator's clock: epoch ms with fractions. It is monotonic: setting the system's time does not change it. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Runs a function at an instant of this clock. Returns a function that cancels it. */
export function runAt(atMs: number, run: () => void): () => void {
  const timer = setTimeout(run, Math.max(0, atMs - now()));
  return () => clearTimeout(timer);
}

/** A clock: this one, or one whose time does not pass by itself. */
export interface Clock {
  now(): number;
  /** Runs a function at an instant. Returns a function that cancels it. */
  runAt(atMs: number, run: () => void): () => void;
}

/** The clock of the process. */
export const REAL_CLOCK: Clock = { now, runAt };
