/** Seeded random numbers and delays drawn from them, so that a run of the simulator can be repeated. */

/** A source of numbers in [0, 1). */
export type Random = () => number;

/** Makes a Mulberry32 generator: small, fast, and good enough for delays. The same seeds give the same numbers. */
export function seeded(...seeds: readonly number[]): Random {
  let state = seeds.reduce((mixed, seed) => Math.imul(mixed ^ seed, 0x9e3779b1) >>> 0, 0x85ebca6b);
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A random duration. */
export interface Delay {
  /** Draws a new value, in ms. */
  draw(random: Random): number;
}

/** The standard normal quantile of 95 %. */
const Z95 = 1.6448536269514722;

/**
 * Parses a delay in ms: `1400` is constant, `200..400` uniform, `p50:120,p95:400` lognormal with these percentiles. Returns
 * null for any other text.
 */
export function parseDelay(text: string): Delay | null {
  const constant = /^\d+(?:\.\d+)?$/.exec(text);
  if (constant !== null) return { draw: () => Number(text) };
  const [, low, high] = /^(\d+(?:\.\d+)?)\.\.(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (low !== undefined && Number(low) <= Number(high)) return uniform(Number(low), Number(high));
  const [, p50, p95] = /^p50:(\d+(?:\.\d+)?),p95:(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (p50 !== undefined && Number(p50) > 0 && Number(p50) <= Number(p95)) return lognormal(Number(p50), Number(p95));
  return null;
}

function uniform(low: number, high: number): Delay {
  return { draw: (random) => low + (high - low) * random() };
}

function lognormal(p50: number, p95: number): Delay {
  const mu = Math.log(p50);
  const sigma = (Math.log(p95) - mu) / Z95;
  return { draw: (random) => Math.exp(mu + sigma * normal(random)) };
}

/** Draws a standard normal number by the Box-Muller transform. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
