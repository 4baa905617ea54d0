import { describe, expect, it } from "vitest";

import { readSettings } from "../../lib/settings/read_settings.ts";
import { readCapacitySettings } from "./capacity_settings.ts";
import { firstPace, probeTurnsProblem } from "./first_pace.ts";
import { measuredPace, type Pace, runLoad, tookSec } from "./timing.ts";

const TARGETS = { ttfb: ["p(95)<2000"] };

function paceOf(env: Record<string, string> = {}, turnSec = 6): Pace {
  const { settings } = readSettings({ ...env, USERS: env.USERS ?? "" });
  const { settings: search } = readCapacitySettings({ ...env, USERS: "" });
  const isGiven = (name: string) => (env[name] ?? "") !== "";
  return { ...firstPace({ settings, search, targets: TARGETS, frames: [150, 250], isGiven }), turnSec };
}

const probe = { length: 1, load: 10 };

describe("the time of a probe", () => {
  it("is as long as its turns take, after the ramp-up and the time to settle", () => {
    // 118 turns of 6 s by 10 callers take 70.8 s.
    expect(runLoad(probe, paceOf())).toEqual({ users: 10, spawnRate: 2, rampUpSec: 5, settledSec: 10, timeSec: 81 });
    expect(runLoad({ ...probe, length: 5 }, paceOf()).timeSec).toBe(364);
    expect(runLoad(probe, paceOf({ PROBE_TURNS: "59", SETTLE_SEC: "60" }))).toMatchObject({
      settledSec: 65,
      timeSec: 101,
    });
  });

  it("gives each caller five turns, however many callers there are", () => {
    expect(runLoad({ length: 1, load: 500 }, paceOf())).toMatchObject({
      spawnRate: 34,
      settledSec: 5 + 500 / 34,
      timeSec: 50,
    });
  });

  it("is never shorter than the fewest turns need", () => {
    expect(runLoad({ length: 1, load: 1 }, paceOf()).timeSec).toBe(Math.ceil(0.5 + 5 + 59 * 6));
  });

  it("takes the SPAWN_RATE that is given", () => {
    expect(runLoad({ length: 1, load: 100 }, paceOf({ SPAWN_RATE: "4" }))).toMatchObject({
      spawnRate: 4,
      rampUpSec: 25,
    });
  });

  it("lets the first turns of calls that do not count pass", () => {
    expect(runLoad(probe, paceOf({ WARMUP_TURNS: "2" })).settledSec).toBe(5 + 5 + 12);
  });

  it("lets an open load fill up, with callers to spare", () => {
    const open = { CAPACITY_OF: "calls_per_sec", MAX_CALLS_PER_SEC: "2", TURNS_PER_USER: "5" };
    const load = runLoad({ length: 1, load: 0.5 }, paceOf(open));
    // A call takes 30 s, so 15 callers are in a call.
    expect(load).toMatchObject({ users: 35, rampUpSec: 0, settledSec: 35, timeSec: Math.ceil(35 + 118 / 2.5) });
    expect(runLoad({ length: 1, load: 0.5 }, paceOf({ ...open, USERS: "50", CALLS_RAMP_SEC: "10" }))).toMatchObject({
      users: 50,
      settledSec: 45,
    });
  });

  it("comes with what a run takes beside it", () => {
    const pace = paceOf();
    expect(tookSec(probe, pace)).toBe(81 + 0.2 + 12 + 5);
    expect(tookSec(probe, { ...pace, overheadSec: 9, coolDownSec: 0 })).toBe(81 + 0.2 + 9);
  });
});

describe("the pace", () => {
  it("is estimated from the utterances and from what callers do", () => {
    const pace = (env: Record<string, string>) => {
      const { settings } = readSettings(env);
      const input = { settings, search: readCapacitySettings({}).settings, targets: TARGETS, isGiven: () => false };
      return firstPace({ ...input, frames: [150, 250] }).turnSec;
    };
    expect(pace({})).toBeCloseTo(4 + 1.5 + 1, 6);
    expect(pace({ BARGE_EVERY: "0" })).toBeCloseTo(4 + 1.5 + 4 + 1.5, 6);
    expect(pace({ BARGE_EVERY: "2", BARGE_REENTRY_MS: "2000" })).toBeCloseTo(4 + 1.5 + 1 + 2.75, 6);
  });

  it("is measured: turns at the nearest load, and the usual time beside TIME", () => {
    const run = (load: number, turnSec: number | null, tookSec: number) => ({ load, turnSec, timeSec: 60, tookSec });
    const probes = [run(10, 5, 70.2), run(40, 9, 75.8), run(20, null, 160.4)];
    expect(measuredPace(paceOf(), probes, 12).turnSec).toBe(5);
    expect(measuredPace(paceOf(), probes, 21)).toMatchObject({ turnSec: 9 });
    expect(measuredPace(paceOf(), probes, 10).overheadSec).toBeCloseTo(15, 6);
    expect(measuredPace(paceOf(), [], 10)).toEqual(paceOf());
  });
});

describe("PROBE_TURNS", () => {
  it("must be enough for the gate", () => {
    const problem = (turns: string) => probeTurnsProblem(readCapacitySettings({ PROBE_TURNS: turns }).settings, 59);
    expect([problem("0"), problem("59")]).toEqual([null, null]);
    expect(problem("58")).toMatch(/^PROBE_TURNS: expected at least 59, .*, got 58$/);
  });
});
