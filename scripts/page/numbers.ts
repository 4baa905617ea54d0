/** Formats durations and instants for the page, and computes percentiles. */

/** A duration with its unit: `1,234 ms`, `3.5 ms`. */
export function msText(ms: number): string {
  return `${ms >= 10 || ms === 0 ? Math.round(ms).toLocaleString("en") : ms.toFixed(1)} ms`;
}

/** An instant of the run, ms since it began, as `m:ss` or `h:mm:ss`. */
export function clockText(atMs: number): string {
  const sec = Math.max(0, Math.floor(atMs / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(sec / 60);
  const head = minutes < 60 ? String(minutes) : `${Math.floor(minutes / 60)}:${two(minutes % 60)}`;
  return `${head}:${two(sec % 60)}`;
}

/** A percentile of ascending values, interpolated between the closest ranks; `p` in [0, 100]. */
export function percentile(sorted: ArrayLike<number>, p: number): number {
  const rank = (p / 100) * (sorted.length - 1);
  const below = sorted[Math.floor(rank)] ?? 0;
  const above = sorted[Math.ceil(rank)] ?? below;
  return below + (above - below) * (rank - Math.floor(rank));
}
