/** A binary heap: gives back its least item first, in O(log n) per item. */

/** Items, of which the least one can be taken. Of equal items any may come first. */
export class MinHeap<T> {
  private readonly items: T[] = [];
  private readonly isLess: (a: T, b: T) => boolean;

  constructor(isLess: (a: T, b: T) => boolean) {
    this.isLess = isLess;
  }

  /** The least item, which stays. */
  get first(): T | undefined {
    return this.items[0];
  }

  push(item: T): void {
    const { items } = this;
    let at = items.push(item) - 1;
    for (;;) {
      const parentAt = (at - 1) >> 1;
      const parent = items[parentAt];
      if (at === 0 || parent === undefined || !this.isLess(item, parent)) break;
      items[at] = parent;
      at = parentAt;
    }
    items[at] = item;
  }

  /** Takes the least item out. Undefined: there is none. */
  pop(): T | undefined {
    const { items } = this;
    const [first] = items;
    const last = items.pop();
    if (last !== undefined && items.length > 0) this.sink(last);
    return first;
  }

  /** Puts an item in the place of the first one, and lets it sink to its own. */
  private sink(item: T): void {
    const { items } = this;
    let at = 0;
    for (;;) {
      const leftAt = 2 * at + 1;
      const left = items[leftAt];
      const right = items[leftAt + 1];
      if (left === undefined) break;
      const isRight = right !== undefined && this.isLess(right, left);
      const child = isRight ? right : left;
      if (!this.isLess(child, item)) break;
      items[at] = child;
      at = isRight ? leftAt + 1 : leftAt;
    }
    items[at] = item;
  }
}
