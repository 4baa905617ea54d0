import { describe, expect, it } from "vitest";

import type { CallValues } from "./call_values.ts";
import { measureRun } from "./measures.ts";

const RESAMPLING = { resamples: 4000, seed: 1 };

/** A run with these counts of successful turns, call by call. */
function successes(counts: readonly (readonly [hits: number, trials: number])[]): CallValues[] {
  return counts.map(([hits, trials]) => ({ times: {}, shares: { turn_success: { hits, trials } } }));
}

const shareOf = (calls: readonly CallValues[]) => measureRun(calls, RESAMPLING).get("turn_success");

describe("a measured share", () => {
  it("of a few calls varies more than draws of them do", () => {
    const calls = successes([0, 0, 0, 1, 1, 1].map((hits) => [hits, 1]));
    // Six calls tell as much as five independent ones, and the test adds one success and one failure.
    expect(shareOf(calls)).toMatchObject({ value: 0.5, calls: 6, samples: 6 });
    expect((shareOf(calls)?.variance ?? 0) / (0.25 / 7)).toBeCloseTo(1, 1);
  });

  it("of turns that are alike within a call varies as a share of calls does", () => {
    const alike = shareOf(successes(Array.from({ length: 20 }, (_, call) => [call < 10 ? 10 : 0, 10])));
    const independent = shareOf(successes(Array.from({ length: 20 }, () => [5, 10])));
    expect(alike?.value).toBe(independent?.value);
    expect((alike?.variance ?? 0) / (independent?.variance ?? 1)).toBeGreaterThan(8);
  });

  it("without a failure still varies", () => {
    const share = shareOf(successes(Array.from({ length: 20 }, () => [5, 5])));
    expect(share?.value).toBe(1);
    expect(Math.sqrt(share?.variance ?? 0)).toBeCloseTo(0.0097, 3);
  });
});

describe("a measured time", () => {
  it("has the percentiles of all calls, and varies as calls do", () => {
    const calls = Array.from({ length: 40 }, (_, call) => ({
      times: { ttfb: [call * 100, call * 100 + 1] },
      shares: {},
    }));
    const measures = measureRun(calls, RESAMPLING);
    expect(measures.get("ttfb P50")).toMatchObject({ value: 1950.5, estimate: 1950.5, calls: 40, samples: 80 });
    // The standard error of the median of 40 uniform values in [0, 4000) is about 4000 / (2 sqrt(40)) = 316.
    expect(Math.sqrt(measures.get("ttfb P50")?.variance ?? 0)).toBeGreaterThan(250);
    expect(Math.sqrt(measures.get("ttfb P50")?.variance ?? 0)).toBeLessThan(400);
    expect([...measures.keys()]).toEqual(["ttfb P50", "ttfb P95"]);
  });
});
