import { describe, expect, it } from "vitest";

import { Lateness } from "./lateness.ts";

/** Lateness that was ticked at these instants; the first tick is due at 10. */
function ticked(...atMs: number[]): Lateness {
  const lateness = new Lateness(0);
  for (const ms of atMs) lateness.tick(ms);
  return lateness;
}

describe("the simulator's lateness", () => {
  it("is how long after its time the timer fired, each tick counted from the last", () => {
    expect(ticked(10, 20, 65, 75).summary()).toEqual({ ticks: 4, p50Ms: 0, p99Ms: 35, maxMs: 35 });
  });

  it("is told of the instants that were around it, and of no others", () => {
    const lateness = ticked(10, 20, 65, 75);
    expect(lateness.around([19])).toBe(0);
    expect(lateness.around([20])).toBe(35);
    expect(lateness.around([null, 75])).toBe(35);
    expect(lateness.around([76, 1000])).toBe(0);
  });

  it("is remembered for longer than a turn takes", () => {
    const lateness = ticked(10, 65);
    for (let atMs = 75; atMs < 60_000; atMs += 15) lateness.tick(atMs);
    expect(lateness.around([65])).toBe(45);
  });

  it("of a process that did nothing yet is none", () => {
    expect(ticked().summary()).toEqual({ ticks: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 });
  });
});
