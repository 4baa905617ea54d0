/** The simulator's clock: wall-clock ms since 1970 with fractions, which no step of the wall clock moves. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Runs something at an instant of that clock; the returned function calls it off. */
export function at(atMs: number, run: () => void): () => void {
  const timer = setTimeout(run, Math.max(0, atMs - now()));
  return () => clearTimeout(timer);
}
