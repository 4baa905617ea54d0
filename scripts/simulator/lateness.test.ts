import { describe, expect, it } from "vitest";

import { Lateness } from "./lateness.ts";

/** Lateness that was ticked at these instants; the first tick is due at 4. */
function ticked(...atMs: number[]): Lateness {
  const lateness = new Lateness(0);
  for (const ms of atMs) lateness.tick(ms);
  return lateness;
}

describe("the simulator's lateness", () => {
  it("is how long after its time the timer fired, each tick counted from the last", () => {
    expect(ticked(4, 8, 50).summary()).toMatchObject({ p99Ms: 38, maxMs: 38 });
  });

  it("counts every instant of a block, not the one tick that it held up", () => {
    // 12 ms of 36 were blocked: late by 12, 8 and 4 ms, and then on time.
    expect(ticked(4, 8, 12, 28, 32, 36).summary()).toEqual({ ticks: 9, p50Ms: 0, p99Ms: 12, maxMs: 12 });
    const half = ticked(...Array.from({ length: 50 }, (_, at) => [104 * at + 100, 104 * at + 104]).flat());
    expect(half.summary().p50Ms).toBeGreaterThan(40);
  });

  it("is told of the instants that were around it, and of no others", () => {
    const lateness = ticked(4, 8, 53, 57);
    expect(lateness.around([7])).toBe(0);
    expect(lateness.around([8])).toBe(41);
    expect(lateness.around([null, 57])).toBe(41);
    expect(lateness.around([58, 1000])).toBe(0);
  });

  it("is remembered for two minutes, however much of it there is", () => {
    const lateness = ticked(4, 53);
    for (let atMs = 60; atMs < 350_000; atMs += 7) lateness.tick(atMs);
    const late = Array.from({ length: 118 }, (_, sec) => 350_000 - sec * 1000);
    for (const atMs of late) expect(lateness.around([atMs])).toBe(3);
    expect(lateness.around([53])).toBe(0);
  });

  it("of a process that did nothing yet is none", () => {
    expect(ticked().summary()).toEqual({ ticks: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 });
  });
});
