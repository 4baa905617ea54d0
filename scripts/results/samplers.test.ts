import { describe, expect, it } from "vitest";

import { FirstOf, Reservoir } from "./samplers.ts";

describe("a reservoir", () => {
  it("keeps everything while there is room, and then a random sample of all", () => {
    const reservoir = new Reservoir<number>(1000);
    for (let value = 0; value < 1000; value += 1) reservoir.add(value);
    expect(reservoir.kept).toEqual(Array.from({ length: 1000 }, (_, index) => index));
    for (let value = 1000; value < 100_000; value += 1) reservoir.add(value);
    expect([reservoir.count, reservoir.kept.length, new Set(reservoir.kept).size]).toEqual([100_000, 1000, 1000]);
    const mean = reservoir.kept.reduce((sum, value) => sum + value, 0) / 1000;
    expect(mean).toBeGreaterThan(46_000);
    expect(mean).toBeLessThan(54_000);
  });
});

describe("the first values by an order", () => {
  it("are those of a sorted list, equal ones in the order in which they came", () => {
    const first = new FirstOf<readonly [number, string]>(3, ([a], [b]) => a - b);
    for (const value of [
      [5, "a"],
      [1, "b"],
      [5, "c"],
      [0, "d"],
      [1, "e"],
      [9, "f"],
    ] as const)
      first.add(value);
    expect(first.kept.map(([, name]) => name)).toEqual(["d", "b", "e"]);
  });
});
