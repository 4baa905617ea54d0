import { describe, expect, it } from "vitest";

import { percentile } from "../../lib/report/stats.ts";
import { seeded } from "../simulator/random.ts";
import { AGENT, runTrial, type Trial } from "./compare_trials.ts";
import { simulatedRun } from "./simulated_calls.ts";

const LOAD = { calls: 30, turnsPerCall: 20 };

const trial = (comparisons: number, change: Partial<Trial>) =>
  runTrial({ table: "missed", name: "", base: AGENT, run: AGENT, load: LOAD, bases: 1, comparisons, ...change });

// `make bench_compare` does the same with more comparisons. Seeds are fixed, so the numbers are always the same.
describe("comparisons of simulated runs", () => {
  it("take the same agent for slower, or for faster, in 10 % of 40 at most, where 5 % of all are allowed", () => {
    const { faster, slower } = trial(40, {});
    expect(slower).toBeLessThanOrEqual(0.1);
    expect(faster).toBeLessThanOrEqual(0.1);
  });

  it("find each of 20 agents whose turns are 150 ms slower, at least 16 of them in ttfb P95", () => {
    const { slower, ttfbP95Slower } = trial(20, { run: { ...AGENT, slowerMs: 150 } });
    expect(slower).toBe(1);
    expect(ttfbP95Slower).toBeGreaterThanOrEqual(0.8);
  });

  it("tell nothing of five calls, however long they are", () => {
    const slow = { ...AGENT, slowerMs: 2000 };
    expect(trial(3, { run: slow, load: { calls: 5, turnsPerCall: 60 } })).toMatchObject({ cannotTell: 1 });
  });

  it("are mostly wrong about an unsteady agent with one base, and seldom with four", () => {
    const unsteady = { ...AGENT, runSpread: 0.2 };
    const wrongWith = (bases: number) => {
      const load = { calls: 10, turnsPerCall: 20 };
      const { faster, slower } = trial(20, { base: unsteady, run: unsteady, bases, load });
      return faster + slower;
    };
    expect(wrongWith(1)).toBeGreaterThanOrEqual(0.6);
    expect(wrongWith(4)).toBeLessThanOrEqual(0.4);
  });
});

describe("a simulated run", () => {
  const calls = simulatedRun({ ...AGENT, callSpread: 0.2 }, { calls: 400, turnsPerCall: 50 }, seeded(1));
  const ttfb = calls.map(({ times }) => times.ttfb ?? []);

  it("has the delays of its agent", () => {
    const { times } = simulatedRun({ ...AGENT, callSpread: 0 }, { calls: 1, turnsPerCall: 20_000 }, seeded(1))[0] ?? {};
    const tts = (times?.llm_tts ?? []).map((ms) => ms - 300).sort((a, b) => a - b);
    expect(new Set(times?.stt)).toEqual(new Set([600]));
    // Around the middle of the model's 200..400 ms, the P50 of the voice moves by what the two add up to.
    expect(percentile(tts, 50)).toBeGreaterThan(110);
    expect(percentile(tts, 50)).toBeLessThan(150);
    expect(percentile(tts, 95)).toBeGreaterThan(370);
    expect(percentile(tts, 95)).toBeLessThan(430);
  });

  it("has turns that are more alike within a call than between calls", () => {
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const spread = (values: readonly number[]) => {
      const middle = mean(values);
      return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
    };
    const independent = spread(ttfb.flat()) / Math.sqrt(50);
    expect(spread(ttfb.map(mean))).toBeGreaterThan(2 * independent);
  });
});
