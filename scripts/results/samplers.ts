/** Keeps a bounded number of the records of a log of any length: a random sample, and the first ones by an order. */

/** A random sample of what was added, each with the same chance; all of it while there is room. */
export class Reservoir<T> {
  readonly kept: T[] = [];
  private added = 0;
  private state = 1;
  private readonly size: number;

  constructor(size: number) {
    this.size = size;
  }

  /** How many were added. */
  get count(): number {
    return this.added;
  }

  add(value: T): void {
    this.added += 1;
    if (this.kept.length < this.size) {
      this.kept.push(value);
      return;
    }
    const index = Math.floor(this.random() * this.added);
    if (index < this.size) this.kept[index] = value;
  }

  /** A number in [0, 1). The same ones for each log, so that its report is always the same (mulberry32). */
  private random(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

/** The first values by an order; of equal ones, those that were added first. */
export class FirstOf<T> {
  readonly kept: T[] = [];
  private readonly size: number;
  private readonly compare: (a: T, b: T) => number;

  constructor(size: number, compare: (a: T, b: T) => number) {
    this.size = size;
    this.compare = compare;
  }

  add(value: T): void {
    const last = this.kept.at(-1);
    if (this.kept.length === this.size && last !== undefined && this.compare(value, last) >= 0) return;
    const at = this.kept.findIndex((other) => this.compare(value, other) < 0);
    this.kept.splice(at < 0 ? this.kept.length : at, 0, value);
    if (this.kept.length > this.size) this.kept.pop();
  }
}
