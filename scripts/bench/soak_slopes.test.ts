import { describe, expect, it } from "vitest";

import { excessGrowth, type SoakRecord, slopesOf, slopesTable, violationsOf } from "./soak_slopes.ts";

const AT_MS = 1e12;
const EVERY_MS = 10_000;

/** Ten samples of a steady run; each number alternates by a little. */
function steady(more: Partial<SoakRecord> = {}): SoakRecord {
  const alternate = (at: number) => (at % 2 === 0 ? 1 : -1);
  const at = [...Array(10).keys()];
  return {
    verdict: "PASS",
    users: 50,
    samples: at.map((each) => ({
      atMs: AT_MS + each * EVERY_MS,
      k6Bytes: 200e6 + alternate(each) * 1e6,
      simulatorBytes: 100e6,
      logBytes: each * 100_000 + alternate(each) * 100,
    })),
    liveMb: at.map((each) => ({ atMs: AT_MS + each * EVERY_MS, value: 200 + alternate(each) })),
    calls: at.map((each) => ({
      connectedAtMs: AT_MS,
      closedAtMs: AT_MS + (each + 1) * 1000 + 20 + alternate(each),
      framesDue: (each + 1) * 50,
      framesSent: (each + 1) * 50,
    })),
    ttfbErrors: at.map((each) => ({ atMs: AT_MS + each * EVERY_MS, errorMs: 2 + alternate(each) })),
    valuesPerHour: 600_000,
    ...more,
  };
}

describe("a soak", () => {
  it("that is steady has four slopes within noise, and no violation", () => {
    const soak = steady();
    const slopes = slopesOf(soak);
    expect(slopes.memory.mean).toBeCloseTo(200, 6);
    expect(slopes.pace.mean).toBeCloseTo(20, 6);
    expect(slopes.error.mean).toBeCloseTo(2, 6);
    // 100 000 bytes in 10 s of 50 calls.
    expect(slopes.log.mean).toBeCloseTo(200, 0);
    expect(excessGrowth(slopes, soak)).toEqual([]);
    expect(violationsOf(soak)).toEqual([]);
    expect(slopesTable(slopes).split("\n")).toHaveLength(6);
  });

  it.each(["memory", "pace", "error", "log"] as const)("reports growth of %s", (name) => {
    const soak = steady();
    const grown: Record<typeof name, SoakRecord> = {
      memory: steady({ liveMb: soak.liveMb.map(({ atMs, value }, at) => ({ atMs, value: value + at * 2 })) }),
      pace: steady({ calls: soak.calls.map((each, at) => ({ ...each, closedAtMs: each.closedAtMs + at * 5 })) }),
      error: steady({ ttfbErrors: soak.ttfbErrors.map((each, at) => ({ ...each, errorMs: each.errorMs + at })) }),
      log: steady({ samples: soak.samples.map((each, at) => ({ ...each, logBytes: each.logBytes + at * at * 1000 })) }),
    };
    const growth = excessGrowth(slopesOf(grown[name]), grown[name]);
    expect(growth).toHaveLength(1);
    expect(growth[0]).toContain("expected growth within noise of ");
  });

  it("may grow by the memory that the values of the Trends take, and by no more", () => {
    const liveMb = steady().liveMb.map(({ atMs }, at) => ({ atMs, value: 200 + at * 0.033_333 }));
    for (const [valuesPerHour, reported] of [
      [900_000, 0],
      [100_000, 1],
    ] as const) {
      const soak = steady({ liveMb, valuesPerHour });
      expect(slopesOf(soak).memory.perHour).toBeCloseTo(12, 3);
      expect(excessGrowth(slopesOf(soak), soak)).toHaveLength(reported);
    }
  });

  it("reports a verdict that is not PASS, unsent frames, a call that is behind the clock, and missing calls", () => {
    const [call] = steady().calls;
    if (call === undefined) throw new Error("expected a call");
    expect(violationsOf(steady({ verdict: "INVALID" }))).toEqual(["verdict: expected PASS, got INVALID"]);
    expect(violationsOf(steady({ calls: [{ ...call, framesDue: 53 }] }))).toEqual([
      "frames: expected as many sent as due, got 3 fewer",
    ]);
    expect(violationsOf(steady({ calls: [{ ...call, closedAtMs: call.closedAtMs + 100 }] }))).toEqual([
      "pace: expected every call within 100 ms of the clock, got 121",
    ]);
    expect(violationsOf(steady({ calls: [] }))).toEqual(["calls: expected some, got none"]);
  });
});
