import { describe, expect, it } from "vitest";

import { isOfCalls, shareTarget, turnsNeeded } from "./share_targets.ts";

const TURNS = { BARGE_EVERY: 1, TURNS_PER_USER: 60, WARMUP_TURNS: 0 };

describe("an expression as a share", () => {
  it.each([
    ["ttfb", "p(95)<2000", 0.05, [2000, 2500], [1999]],
    ["ttfb", "p(95)<=2000", 0.05, [2001], [2000, 100]],
    ["ttfb", "med<900", 0.5, [900], [899]],
    ["ttfb{turn:01}", "p(99)<3000", 0.01, [3000], [2999]],
    ["stall", "p(10)>5", 0.1, [5, 4], [6]],
    ["turn_success", "rate>0.95", 0.05, [0], [1]],
    ["turn_success", "rate>=0.9", 0.1, [0], [1]],
  ])("%s %s allows a share of %f", (series, expression, allowed, bad, good) => {
    const target = shareTarget(series, expression);
    expect(target?.allowed).toBeCloseTo(allowed, 10);
    expect(bad.map((value) => target?.isBad(value))).toEqual(bad.map(() => true));
    expect(good.map((value) => target?.isBad(value))).toEqual(good.map(() => false));
  });

  it.each([
    ["ttfb", "avg<1500"],
    ["ttfb", "max<9000"],
    ["ttfb", "p(95)==0"],
    ["throttled_turns", "count<1"],
    ["turn_success", "rate>=1"],
  ])("%s %s asks for none", (series, expression) => {
    expect(shareTarget(series, expression)).toBeNull();
  });

  it("is of calls for what a call has once", () => {
    expect(["connection_success", "greeting", "ttfb{turn:01}"].map(isOfCalls)).toEqual([true, true, true]);
    expect(["ttfb", "turn_success", "barge"].map(isOfCalls)).toEqual([false, false, false]);
  });
});

describe("the turns that a gate needs", () => {
  it("are 59 for a P95, and 299 for a P99", () => {
    expect(turnsNeeded({ ttfb: ["p(95)<2000"] }, TURNS)).toBe(59);
    expect(turnsNeeded({ ttfb: ["p(95)<2000", "p(99)<4000"] }, TURNS)).toBe(299);
  });

  it("are more where only some turns are interrupted, or the first ones do not count", () => {
    expect(turnsNeeded({ barge: ["p(95)<500"] }, TURNS)).toBe(60);
    expect(turnsNeeded({ barge: ["p(95)<500"] }, { ...TURNS, BARGE_EVERY: 3 })).toBe(187);
    expect(turnsNeeded({ ttfb: ["p(95)<2000"] }, { ...TURNS, WARMUP_TURNS: 30 })).toBe(118);
  });

  it("are not decided by targets on calls, nor less than 30", () => {
    expect(turnsNeeded({ connection_success: ["rate>0.98"], ttfb: ["med<900"] }, TURNS)).toBe(30);
  });
});
