import { describe, expect, it } from "vitest";

import { evaluateThreshold, hasEnoughSamples, hasSamples, percentile, StatsBuilder } from "./stats.ts";

describe("stats", () => {
  it("are the aggregates that k6 makes of the same samples", () => {
    const builder = new StatsBuilder(["p(95)"]);
    for (const value of [10, 20, 30, 40]) builder.add({ metric: "ttfb", value, tags: { turn: "01" } });
    builder.add({ metric: "ttfb", value: 100, tags: { turn: "02" } });
    for (const value of [1, 0, 1]) builder.add({ metric: "turn_success", value });
    builder.add({ metric: "clock_step", value: 3 });
    const stats = builder.build();
    expect(stats.ttfb).toEqual({ count: 5, avg: 40, min: 10, max: 100, med: 30, "p(95)": expect.closeTo(88) });
    expect(stats["ttfb{turn:01}"]).toMatchObject({ count: 4, "p(95)": 38.5 });
    expect(stats["ttfb_samples{turn:02}"]).toEqual({ count: 1 });
    expect(stats.turn_success).toEqual({ rate: 2 / 3, passes: 2, fails: 1 });
    expect(stats.clock_step).toEqual({ count: 3 });
  });

  it("interpolate percentiles between closest ranks", () => {
    expect([0, 25, 50, 100].map((p) => percentile([1, 2, 3, 5], p))).toEqual([1, 1.75, 2.5, 5]);
    expect(percentile([7], 99)).toBe(7);
  });

  it("have a percentile p only from 1/(1-p) samples on", () => {
    expect(hasEnoughSamples("p(95)", { count: 19 })).toBe(false);
    expect(hasEnoughSamples("p(95)", { count: 20 })).toBe(true);
    expect(hasEnoughSamples("p(99)", { count: 99 })).toBe(false);
    expect(hasEnoughSamples("p(50)", { count: 2 })).toBe(true);
    expect(hasEnoughSamples("avg", { count: 1 })).toBe(true);
    expect(hasEnoughSamples("avg", { count: 0 })).toBe(false);
  });

  it("tell k6's zeros of an empty series from samples", () => {
    expect(hasSamples({ count: 0, avg: 0 })).toBe(false);
    expect(hasSamples({ rate: 0, passes: 0, fails: 0 })).toBe(false);
    expect(hasSamples({ rate: 0, passes: 0, fails: 1 })).toBe(true);
    expect(hasSamples(undefined)).toBe(false);
  });
});

describe("a threshold expression", () => {
  it.each([
    ["p(95)<2000", { "p(95)": 1999 }, true],
    ["p(95)<2000", { "p(95)": 2000 }, false],
    ["p(99)<=40", { "p(99)": 40 }, true],
    ["rate>0.98", { rate: 0.98 }, false],
    ["rate>=0.98", { rate: 0.98 }, true],
    ["count==0", { count: 0 }, true],
    ["count!=0", { count: 0 }, false],
    ["p(95)<2000", {}, null],
    ["p(95)<2000", undefined, null],
  ])("%s over %j is %s", (expression, aggregates, expected) => {
    expect(evaluateThreshold(expression, aggregates as Record<string, number> | undefined)).toBe(expected);
  });
});
