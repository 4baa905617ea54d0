/**
 * Keeps the samples of one series so that its percentiles are exact: each distinct value once, with its number. Values that
 * repeat, such as the send lag of each second, then take no more memory in a long run than in a short one.
 */

/** How many values are collected, at least, before they are sorted into those that are there. */
const MIN_BATCH = 1 << 12;

/** The samples of one series. */
export class SampleSet {
  /** Distinct values, ascending, and how often each was added. */
  private values = new Float64Array(0);
  private counts = new Float64Array(0);
  private batch: number[] = [];
  private added = 0;

  /** Adds a value. */
  add(value: number): void {
    this.added += 1;
    this.batch.push(value);
    if (this.batch.length >= Math.max(MIN_BATCH, this.values.length)) this.sortIn();
  }

  /**
   * The values at these percentiles, with k6's interpolation between closest ranks; each is in [0, 100]. 0 without values.
   */
  percentiles(percents: readonly number[]): number[] {
    this.sortIn();
    const ends = new Float64Array(this.counts.length);
    let end = 0;
    for (const [index, count] of this.counts.entries()) ends[index] = end += count;
    return percents.map((percent) => {
      const rank = (percent / 100) * (this.added - 1);
      const below = this.values[firstAbove(ends, Math.floor(rank))] ?? 0;
      const above = this.values[firstAbove(ends, Math.ceil(rank))] ?? below;
      return below + (above - below) * (rank - Math.floor(rank));
    });
  }

  private sortIn(): void {
    if (this.batch.length === 0) return;
    const more = Float64Array.from(this.batch).sort();
    const old = this.values;
    const merged = new DistinctValues(old.length + more.length);
    let at = 0;
    for (const value of more) {
      for (; at < old.length && (old[at] ?? 0) <= value; at += 1) merged.push(old[at] ?? 0, this.counts[at] ?? 0);
      merged.push(value, 1);
    }
    for (; at < old.length; at += 1) merged.push(old[at] ?? 0, this.counts[at] ?? 0);
    this.batch = [];
    this.values = merged.values.slice(0, merged.length);
    this.counts = merged.counts.slice(0, merged.length);
  }
}

/** Distinct values and their counts, written in ascending order. */
class DistinctValues {
  readonly values: Float64Array;
  readonly counts: Float64Array;
  length = 0;

  constructor(room: number) {
    this.values = new Float64Array(room);
    this.counts = new Float64Array(room);
  }

  push(value: number, count: number): void {
    if (this.length === 0 || this.values[this.length - 1] !== value) {
      this.values[this.length] = value;
      this.length += 1;
    }
    this.counts[this.length - 1] = (this.counts[this.length - 1] ?? 0) + count;
  }
}

/** The index of the first entry of `ends` above `rank`. */
function firstAbove(ends: Float64Array, rank: number): number {
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ends[middle] ?? 0) > rank) high = middle;
    else low = middle + 1;
  }
  return low;
}
