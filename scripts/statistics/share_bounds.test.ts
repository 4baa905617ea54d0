import { describe, expect, it } from "vitest";

import { designEffect, samplesNeeded, shareBounds } from "./share_bounds.ts";

describe("the bounds of a share", () => {
  // At `lower` the chance of so many bad samples or more is 5 %, at `upper` that of so many or fewer, by sums of exact fractions.
  it.each([
    [0, 59, 0, 0.04950761],
    [3, 100, 0.0082258, 0.0757108],
    [50, 1000, 0.0391635, 0.0628634],
    [5000, 100_000, 0.048871, 0.0511483],
    [100, 100, 0.970487, 1],
  ])("of %i bad samples in %i are those of Clopper and Pearson", (bad, samples, lower, upper) => {
    const bounds = shareBounds({ bad, samples });
    expect(bounds.lower).toBeCloseTo(lower, 6);
    expect(bounds.upper).toBeCloseTo(upper, 6);
  });

  it("are as wide without a sample as a share can be", () => {
    expect(shareBounds({ bad: 0, samples: 0 })).toEqual({ lower: 0, upper: 1 });
  });

  it("are those of fewer samples where samples are alike", () => {
    expect(shareBounds({ bad: 20, samples: 200 }, 4)).toEqual(shareBounds({ bad: 5, samples: 50 }));
    expect(shareBounds({ bad: 1, samples: 3 }, 10)).toEqual({ lower: 0, upper: 1 });
  });

  it("never become narrower by rounding a count", () => {
    const [exact, rounded] = [shareBounds({ bad: 5, samples: 50 }), shareBounds({ bad: 21, samples: 200 }, 4)];
    expect(rounded.upper).toBeGreaterThan(exact.upper);
    expect(rounded.lower).toBe(exact.lower);
  });
});

describe("the samples that a bound needs", () => {
  it.each([
    [0.05, 59],
    [0.02, 149],
    [0.01, 299],
  ])("for a share of %f are %i, and one less is not enough", (allowed, needed) => {
    expect(samplesNeeded(allowed)).toBe(needed);
    expect(shareBounds({ bad: 0, samples: needed }).upper).toBeLessThan(allowed);
    expect(shareBounds({ bad: 0, samples: needed - 1 }).upper).toBeGreaterThan(allowed);
  });
});

describe("the design effect", () => {
  it("is the size of the clusters where all samples of one are the same", () => {
    const clusters = Array.from({ length: 100 }, (_, index) => ({ samples: 10, bad: index % 4 === 0 ? 10 : 0 }));
    expect(designEffect(clusters)).toBeCloseTo(10, 0);
  });

  it("is 1 where each cluster has the same share, or a single sample", () => {
    expect(designEffect(Array.from({ length: 20 }, () => ({ samples: 10, bad: 1 })))).toBe(1);
    expect(designEffect(Array.from({ length: 20 }, (_, index) => ({ samples: 1, bad: index % 2 })))).toBeCloseTo(1, 6);
  });

  it("is 1 where it cannot be told", () => {
    expect(designEffect([])).toBe(1);
    expect(designEffect([{ samples: 10, bad: 3 }])).toBe(1);
    expect(
      designEffect([
        { samples: 10, bad: 0 },
        { samples: 10, bad: 0 },
      ]),
    ).toBe(1);
  });
});
