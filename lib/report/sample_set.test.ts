import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { SampleSet } from "./sample_set.ts";
import { percentile } from "./stats.ts";

const PERCENTS = [0, 50, 90, 95, 99, 99.9, 100];

function setOf(values: readonly number[]): SampleSet {
  const set = new SampleSet();
  for (const value of values) set.add(value);
  return set;
}

describe("a set of samples", () => {
  it("has the percentiles of the sorted values, whatever is asked in between", () => {
    const few = fc.constantFrom(0, 1.5, 2, 7);
    const values = fc.array(fc.oneof(few, fc.double({ min: 0, max: 1e6, noNaN: true })), {
      minLength: 1,
      maxLength: 300,
    });
    fc.assert(
      fc.property(values, values, (first, second) => {
        const set = setOf(first);
        set.percentiles([50]);
        for (const value of second) set.add(value);
        const sorted = [...first, ...second].sort((a, b) => a - b);
        expect(set.percentiles(PERCENTS)).toEqual(PERCENTS.map((p) => percentile(sorted, p)));
      }),
    );
  });

  it("has them for more values than it sorts at once, too", () => {
    const values = Array.from({ length: 50_000 }, (_, index) => (index * 7919) % 10_007);
    const sorted = [...values].sort((a, b) => a - b);
    expect(setOf(values).percentiles(PERCENTS)).toEqual(PERCENTS.map((p) => percentile(sorted, p)));
  });

  it("has zeros without values", () => {
    expect(new SampleSet().percentiles([50, 100])).toEqual([0, 0]);
  });
});
