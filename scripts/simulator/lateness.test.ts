import { describe, expect, it } from "vitest";

import { LatenessMonitor } from "./lateness.ts";

/** A monitor whose timer fired at these instants. The first tick is due at 4 ms. */
function monitorOf(...atMs: number[]): LatenessMonitor {
  const lateness = new LatenessMonitor(0);
  for (const ms of atMs) lateness.tick(ms);
  return lateness;
}

describe("the simulator's lateness", () => {
  it("is how long after it was due the timer fired, each tick being due 4 ms after the last", () => {
    expect(monitorOf(4, 8, 50).summary()).toMatchObject({ p99Ms: 38, maxMs: 38 });
  });

  it("counts every instant of a block, not only the one delayed tick", () => {
    // 12 ms of 36 were blocked: late by 12, 8 and 4 ms, and then on time.
    expect(monitorOf(4, 8, 12, 28, 32, 36).summary()).toEqual({ ticks: 9, p50Ms: 0, p99Ms: 12, maxMs: 12 });
    const half = monitorOf(...Array.from({ length: 50 }, (_, block) => [104 * block + 100, 104 * block + 104]).flat());
    expect(half.summary().p50Ms).toBeGreaterThan(40);
  });

  it("is reported for the instants around it, and for no others", () => {
    const lateness = monitorOf(4, 8, 53, 57);
    expect(lateness.worstAround([7])).toBe(0);
    expect(lateness.worstAround([8])).toBe(41);
    expect(lateness.worstAround([null, 57])).toBe(41);
    expect(lateness.worstAround([58, 1000])).toBe(0);
  });

  it("is kept for two minutes, however much of it there is", () => {
    const lateness = monitorOf(4, 53);
    for (let atMs = 60; atMs < 350_000; atMs += 7) lateness.tick(atMs);
    const late = Array.from({ length: 118 }, (_, sec) => 350_000 - sec * 1000);
    for (const atMs of late) expect(lateness.worstAround([atMs])).toBe(3);
    expect(lateness.worstAround([53])).toBe(0);
  });

  it("is zero before the first tick", () => {
    expect(monitorOf().summary()).toEqual({ ticks: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 });
  });
});
