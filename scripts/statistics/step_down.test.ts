import { describe, expect, it } from "vitest";

import { seededRandom } from "./seeded_random.ts";
import { adjustedPs } from "./step_down.ts";

const RESAMPLES = 4000;

/** Noise of one test: numbers that are drawn from a seed. */
function noise(seed: number): Float64Array {
  const random = seededRandom(seed);
  return Float64Array.from({ length: RESAMPLES }, random);
}

const test = (p: number, of: Float64Array, weight = 1) => ({ p, weight, noise: of });

describe("p-values of many tests", () => {
  it("that have nothing to do with one another are as those of Holm: the smallest counts for all, the next for the rest", () => {
    const [first, second, third] = adjustedPs([test(0.01, noise(1)), test(0.02, noise(2)), test(0.9, noise(3))]);
    expect(first).toBeCloseTo(1 - 0.99 ** 3, 2);
    expect(second).toBeCloseTo(1 - 0.98 ** 2, 2);
    expect(third).toBeCloseTo(0.9, 2);
  });

  it("are never more than those of Holm, and never less than alone", () => {
    const [first, second] = adjustedPs([test(1e-6, noise(1)), test(0.04, noise(2))]);
    expect(first).toBe(2e-6);
    expect(second).toBeCloseTo(0.04, 2);
  });

  it("that always fail together count as one test", () => {
    const same = noise(1);
    expect(adjustedPs(Array.from({ length: 20 }, () => test(0.02, same)))[0]).toBeCloseTo(0.02, 2);
  });

  it("never fall with the p-value alone", () => {
    const [same, other] = [noise(1), noise(2)];
    const adjusted = adjustedPs([test(0.03, same), test(0.031, same), test(0.032, other)]);
    expect(adjusted[1]).toBeGreaterThanOrEqual(adjusted[0] ?? 1);
    expect(adjusted[2]).toBeGreaterThanOrEqual(adjusted[1] ?? 1);
  });

  it("leave a test that weighs more a larger share of the false alarms, and the others less", () => {
    const of = [noise(1), noise(2), noise(3), noise(4)];
    const adjust = (p: number, weight: number) =>
      adjustedPs(of.map((each, at) => (at === 0 ? test(p, each, weight) : test(0.02, each))));
    expect(adjust(0.01, 4)[0]).toBeLessThan((adjust(0.01, 1)[0] ?? 0) / 1.8);
    expect(adjust(0.9, 4)[1]).toBeGreaterThan(1.5 * (adjust(0.9, 1)[1] ?? 1));
  });

  it("take a resample without a value, and noise that never is, for no evidence", () => {
    const never = new Float64Array(RESAMPLES);
    const [, constant] = adjustedPs([test(0.02, noise(1)), test(0.5, never)]);
    expect(constant).toBe(0.5);
    const half = noise(2).map((value) => (value < 0.5 ? Number.NaN : value));
    expect(adjustedPs([test(0.02, noise(1)), test(0.02, half)])[0]).toBeCloseTo(1 - 0.98 * 0.99, 3);
  });
});
