/** A list of numbers that takes 8 bytes for each. */
export class NumberList {
  private values = new Float64Array(1024);
  private count = 0;

  get length(): number {
    return this.count;
  }

  push(value: number): void {
    if (this.count === this.values.length) {
      const larger = new Float64Array(2 * this.count);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.count] = value;
    this.count += 1;
  }

  /** The number at an index, which must be in the list. */
  at(index: number): number {
    return this.values[index] ?? Number.NaN;
  }

  /** Its numbers, ascending. */
  sorted(): Float64Array {
    return this.values.slice(0, this.count).sort();
  }
}
