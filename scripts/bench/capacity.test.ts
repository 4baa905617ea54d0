import { describe, expect, it } from "vitest";

import { BUDGET_SEC, isWithinStep, LIMITS } from "./capacity.ts";
import { AGENTS } from "./capacity_agents.ts";
import { longerThan, refused } from "./machine_repair.ts";
import { runVirtualLoad, thinkMs, type VirtualAgent } from "./virtual_calls.ts";
import { searchVirtually } from "./virtual_search.ts";

describe("a search in virtual time", () => {
  // The true capacities of docs/capacity.md.
  it.each([
    ["knee", 124],
    ["cliff", 74],
  ])("finds the capacity of the %s within 8 %%, in its budget", (name, truth) => {
    const agent = AGENTS.find((known) => known.name === name)?.agent as VirtualAgent;
    for (const seed of [1, 2]) {
      const { answer, tookSec } = searchVirtually(agent, LIMITS, BUDGET_SEC, seed);
      expect(answer / truth).toBeGreaterThan(0.92);
      expect(answer / truth).toBeLessThan(1.08);
      expect(tookSec).toBeLessThanOrEqual(BUDGET_SEC);
    }
  });
});

it.each([
  [100, 105, true],
  [105, 100, true],
  [100, 106, false],
  [3, 4, true],
  [3, 5, false],
])("says of %d and %d whether they are within a step: %s", (answer, truth, is) => {
  expect(isWithinStep(answer, truth)).toBe(is);
});

describe("a virtual agent", () => {
  const exponential = { draw: (random: () => number) => -800 * Math.log(1 - random()) };
  const agent: VirtualAgent = {
    servers: 10,
    whenBusy: "queue",
    sttMs: 700,
    llmMs: exponential,
    ttsMs: 150,
    slowness: () => 1,
  };

  /** The share of turns for which `isBad` is true, in hours of load. */
  const share = (
    of: VirtualAgent,
    users: number,
    isBad: (turn: { outcome: string; textMs: number | null }) => boolean,
  ) => {
    let [turns, bad] = [0, 0];
    const log = {
      turn(line: { outcome: string; textMs: number | null }) {
        turns += 1;
        if (isBad(line)) bad += 1;
      },
      call() {},
    };
    runVirtualLoad(of, { users, spawnRate: users, timeSec: 7200, turnsPerCall: 1e9, seed: 3 }, log);
    return bad / turns;
  };

  it("makes callers wait as the machine-repair model says", () => {
    const known = { callers: 60, servers: 10, serviceMs: 800, thinkMs: thinkMs(agent) };
    const measured = share(agent, 60, ({ textMs }) => (textMs ?? 0) - agent.sttMs > 2000);
    expect(measured).toBeCloseTo(longerThan(2000, known), 2);
  });

  it("throttles as Engset's formula says", () => {
    const throttling: VirtualAgent = { ...agent, whenBusy: "throttle" };
    const known = { callers: 60, servers: 10, serviceMs: 800, thinkMs: thinkMs(agent) };
    expect(share(throttling, 60, ({ outcome }) => outcome === "throttled")).toBeCloseTo(refused(known), 1);
  });
});
