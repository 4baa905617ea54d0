import { describe, expect, it } from "vitest";

import { fitSlope, isWithinNoise } from "./slope.ts";

const MINUTE_MS = 60_000;

const points = (values: readonly number[]) => values.map((value, at) => ({ atMs: 1e12 + at * MINUTE_MS, value }));

describe("a slope", () => {
  it("is the growth per hour, and exact where the points are on a line", () => {
    const slope = fitSlope(points([100, 101, 102, 103]));
    expect(slope).toMatchObject({ points: 4, mean: 101.5 });
    expect(slope.perHour).toBeCloseTo(60, 6);
    expect(slope.standardError).toBeCloseTo(0, 6);
    expect(isWithinNoise(slope)).toBe(false);
  });

  it("has the standard error of least squares", () => {
    // By hand, in minutes: slope 3 / 5 = 0.6; residuals 0.4, -0.2, -0.8, 0.6; sqrt(1.2 / 2 / 5) = 0.3464.
    const slope = fitSlope(points([1, 1, 1, 3]));
    expect(slope.perHour).toBeCloseTo(0.6 * 60, 6);
    expect(slope.standardError).toBeCloseTo(Math.sqrt(1.2 / 2 / 5) * 60, 6);
    expect(isWithinNoise(slope)).toBe(true);
  });

  it("is within noise when it is below a hundredth of the mean per hour, however small its standard error is", () => {
    expect(isWithinNoise(fitSlope(points([1000, 1000.1, 1000.2, 1000.3])))).toBe(true);
    expect(isWithinNoise(fitSlope(points([1000, 1000.3, 1000.6, 1000.9])))).toBe(false);
    expect(isWithinNoise(fitSlope(points([1000, 999.7, 999.4, 999.1])))).toBe(false);
  });

  it("is not within noise where it has no standard error", () => {
    for (const values of [[], [1], [1, 1]]) {
      const slope = fitSlope(points(values));
      expect([slope.standardError, isWithinNoise(slope)]).toEqual([null, false]);
    }
  });
});
