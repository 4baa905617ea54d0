import { describe, expect, it } from "vitest";

import { designEffect, samplesNeeded, shareBounds } from "./share_bounds.ts";

describe("the bounds of a share", () => {
  it.each([
    // Clopper-Pearson, one-sided at 95 %: 1 - 0.05^(1/n) without a bad sample.
    [0, 59, 0, 0.0495],
    [0, 10, 0, 0.2589],
    [10, 10, 0.7411, 1],
    [5, 100, 0.0199, 0.1023],
  ])("of %d bad samples of %d are exact: %d to %d", (bad, samples, lower, upper) => {
    const bounds = shareBounds({ bad, samples });
    expect(bounds.lower).toBeCloseTo(lower, 3);
    expect(bounds.upper).toBeCloseTo(upper, 3);
  });

  it("are as far apart as those of fewer samples where samples are alike", () => {
    const alike = shareBounds({ bad: 20, samples: 400 }, 4);
    const fewer = shareBounds({ bad: 5, samples: 100 });
    expect(alike.lower).toBeCloseTo(fewer.lower, 6);
    expect(alike.upper).toBeCloseTo(fewer.upper, 6);
  });
});

it("needs 59 good samples for a P95, and 149 for a P98", () => {
  expect([samplesNeeded(0.05), samplesNeeded(0.02)]).toEqual([59, 149]);
});

describe("the design effect", () => {
  it("is 1 where clusters differ no more than samples do", () => {
    const clusters = Array.from({ length: 50 }, (_, at) => ({ samples: 10, bad: at % 2 }));
    expect(designEffect(clusters)).toBe(1);
  });

  it("is nearly the size of the clusters where all samples of one are alike", () => {
    const clusters = Array.from({ length: 50 }, (_, at) => ({ samples: 10, bad: at % 2 === 0 ? 10 : 0 }));
    expect(designEffect(clusters)).toBeGreaterThan(8);
  });
});
