import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { readSettings } from "./read_settings.ts";
import { parseExpression, readTiers, requiredPercentiles, runThresholds } from "./thresholds.ts";

const SHIPPED = readFileSync("thresholds.json", "utf8");
const { tiers } = readTiers(SHIPPED);
const thresholds = (env: Record<string, string> = {}) => runThresholds(tiers, readSettings(env).settings);

/** The problems of the shipped file with another target tier. */
function problemsWith(target: unknown): string[] {
  return [...readTiers(JSON.stringify({ ...JSON.parse(SHIPPED), target })).problems];
}

describe("thresholds.json", () => {
  it("may begin with the byte order mark of UTF-8; in UTF-16 it is named", () => {
    expect(readTiers(`\ufeff${SHIPPED}`)).toEqual(readTiers(SHIPPED));
    expect(readTiers(Buffer.from(`\ufeff${SHIPPED}`, "utf16le").toString("utf8")).problems).toEqual([
      "thresholds.json: expected text in UTF-8, got UTF-16; save it as UTF-8",
    ]);
  });

  it("holds the inherited targets as shipped", () => {
    expect(readTiers(SHIPPED).problems).toEqual([]);
    expect(tiers.target).toEqual({
      ttfb: ["p(95)<2000"],
      barge: ["p(95)<500"],
      connection_success: ["rate>0.98"],
      turn_success: ["rate>0.95"],
    });
    expect(tiers.alert.ttfb).toEqual(["p(95)<4000"]);
  });

  it("is refused when it is not JSON or lacks a tier", () => {
    expect(readTiers("{").problems[0]).toMatch(/^thresholds.json: expected JSON, got SyntaxError/);
    expect(readTiers('{"target":{"ttfb":["p(95)<1"]}}').problems).toHaveLength(2);
    expect(readTiers(JSON.stringify({ ...JSON.parse(SHIPPED), gold: {} })).problems).toEqual([
      'thresholds.json: expected the tiers target, acceptable, alert, got "gold"',
    ]);
  });

  it.each([
    [{ ttbf: ["p(95)<1"] }, /^thresholds.json: target.ttbf: expected one of ttfb, barge/],
    [{ send_lag: [] }, /target.send_lag: expected a list of expressions, got \[\]/],
    [{ ttfb: "p(95)<1" }, /target.ttfb: expected a list of expressions, got "p\(95\)<1"/],
    [{ ttfb: ["p95<1"] }, /target.ttfb: expected an expression for a trend such as "p\(95\)<2000", got "p95<1"/],
    [{ ttfb: ["count>1"] }, /expected an expression for a trend/],
    [{ turn_success: ["p(95)<1"] }, /expected an expression for a rate such as "rate>0.95"/],
    [{ ws_error: ["rate>2 per day"] }, /expected an expression for a counter/],
  ])("names what is wrong with %j", (target, message) => {
    expect(problemsWith(target)).toEqual([expect.stringMatching(message)]);
  });
});

describe("the thresholds of a run", () => {
  it("give every gated metric a companion threshold that fails when nothing was measured", () => {
    expect(thresholds()).toMatchObject({
      ttfb: ["max>=0", "p(95)<2000"],
      ttfb_samples: ["count>0"],
      barge_samples: ["count>0"],
      connection_success_samples: ["count>0"],
      turn_success_samples: ["count>0"],
      calls: ["count>=0", "count>0"],
      turns: ["count>=0", "count>0"],
    });
  });

  it("give a gated series the companion of that series", () => {
    const { tiers: own } = readTiers(
      JSON.stringify({ ...JSON.parse(SHIPPED), target: { "ttfb{turn:01}": ["p(95)<1"] } }),
    );
    expect(runThresholds(own, readSettings({}).settings)).toMatchObject({
      "ttfb{turn:01}": ["max>=0", "p(95)<1"],
      "ttfb_samples{turn:01}": ["count>0"],
    });
  });

  it("cover the generator: late frames, late turns, clock steps, errors of the script, callers that gave up", () => {
    expect(thresholds({ USERS: "4" })).toMatchObject({
      send_lag: ["max>=0", "p(99)<=40"],
      send_lag_seconds: ["count>=0", "count>0"],
      on_time: ["rate>=0", "rate>=0.99"],
      clock_step: ["count>=0", "count==0"],
      script_error: ["count>=0", "count==0"],
      gave_up: ["count>=0", { threshold: "count<4", abortOnFail: true }],
    });
  });

  it("require no barge-in where the settings plan none", () => {
    for (const env of [{ BARGE_EVERY: "0" }, { TURNS_PER_USER: "1" }, { BARGE_EVERY: "5", TURNS_PER_USER: "5" }]) {
      expect(thresholds(env)).not.toHaveProperty("barge_samples");
      expect(thresholds(env).barge).toEqual(["max>=0"]);
    }
  });

  it("follow GATE and the success rate of CAPACITY", () => {
    expect(thresholds({ GATE: "alert" }).ttfb).toContain("p(95)<4000");
    expect(thresholds({ CAPACITY: "production" }).turn_success).toContain("rate>0.98");
  });

  it("fail a run of the open model that dropped calls", () => {
    expect(thresholds({ CALLS_PER_SEC: "2" }).dropped_iterations).toEqual(["count==0"]);
    expect(thresholds()).not.toHaveProperty("dropped_iterations");
  });
});

describe("a threshold expression", () => {
  it("is parsed in k6's notation", () => {
    expect(parseExpression("p(99.9)<=40")).toEqual({ aggregate: "p(99.9)", operator: "<=", limit: 40 });
    expect(parseExpression("rate > 0.95")).toEqual({ aggregate: "rate", operator: ">", limit: 0.95 });
    expect(parseExpression("p(95)<2s")).toBeNull();
  });

  it("adds its percentile to the summary", () => {
    const { tiers: own } = readTiers(JSON.stringify({ ...JSON.parse(SHIPPED), alert: { ttfb: ["p(99.9)<9000"] } }));
    expect(requiredPercentiles(own)).toEqual(["p(50)", "p(90)", "p(95)", "p(99)", "p(99.9)"]);
  });
});
