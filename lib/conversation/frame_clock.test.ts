import { describe, expect, it } from "vitest";

import { type FrameClock, makeFrameClock } from "./frame_clock.ts";

const OPEN = 5000;

/** A frame clock that was opened, and ticked at these instants after that. */
function ticked(...atMs: number[]): { frameClock: FrameClock; frames: number[] } {
  return tickedFrom(0, ...atMs);
}

function tickedFrom(healthFromMs: number, ...atMs: number[]): { frameClock: FrameClock; frames: number[] } {
  const frameClock = makeFrameClock({ frameMs: 20, healthFromMs });
  frameClock.open(frameClock.time(OPEN));
  return { frameClock, frames: atMs.map((ms) => frameClock.tick(frameClock.time(OPEN + ms))) };
}

function lateAround(frameClock: FrameClock, atMs: number): boolean {
  return frameClock.wasLateBetween(atMs, atMs);
}

describe("a frame clock", () => {
  it("has one frame due when it opens and one more every 20 ms", () => {
    expect(ticked(0, 20, 40, 100).frames).toEqual([1, 1, 1, 3]);
  });

  it("takes a tick that comes half a frame early for the next slot, and one that comes too early for none", () => {
    expect(ticked(0, 11, 15, 40).frames).toEqual([1, 1, 0, 1]);
  });

  it("runs from its first tick on, and owns up to a first tick that was late", () => {
    const { frameClock, frames } = ticked(300, 320, 340);
    expect(frames).toEqual([1, 1, 1]);
    expect(lateAround(frameClock, OPEN + 100)).toBe(true);
    expect(frameClock.record()).toMatchObject({ worstLagMs: 300, framesDue: 3, framesSent: 3 });
  });

  it("says how late its worst frame was, in each second and in all", () => {
    const { frameClock } = ticked(0, 20, 70, 990, 1010, 1100, 2005);
    expect(frameClock.takeHealth()).toEqual({ lagMs: [890, 60], rampUpLagMs: [], clockSteps: 0 });
    expect(frameClock.takeHealth()).toEqual({ lagMs: [], rampUpLagMs: [], clockSteps: 0 });
    expect(frameClock.record()).toMatchObject({ worstLagMs: 890, framesDue: 101, framesSent: 101 });
  });

  it("keeps the seconds of a ramp-up that does not count apart", () => {
    const { frameClock } = tickedFrom(OPEN + 1000, 0, 20, 100, 1000, 1020, 2100);
    expect(frameClock.takeHealth()).toEqual({ lagMs: [1080], rampUpLagMs: [60], clockSteps: 1 });
  });

  it("was late around what happened while it was blocked, and a frame before and after", () => {
    const { frameClock } = ticked(0, 20, 100);
    const late = [19, 20, 39, 40, 100, 120, 121].map((ms) => lateAround(frameClock, OPEN + ms));
    expect(late).toEqual([false, true, true, true, true, true, false]);
  });

  it("was late between two instants when it was blocked between them", () => {
    const { frameClock } = ticked(0, 20, 100, 120, 140, 160, 180, 200);
    expect(frameClock.wasLateBetween(OPEN, OPEN + 200)).toBe(true);
    expect(frameClock.wasLateBetween(OPEN + 121, OPEN + 200)).toBe(false);
  });

  it("was not late with frames 40 ms behind", () => {
    const { frameClock } = ticked(0, 20, 80);
    expect(lateAround(frameClock, OPEN + 60)).toBe(false);
  });

  it("may have let a message wait since its last tick, which its frame did not show", () => {
    const { frameClock } = ticked(0, 20, 74, 80);
    expect(lateAround(frameClock, OPEN + 74)).toBe(false);
    const seen = [21, 60, 61, 74, 84, 85].map((ms) => frameClock.mayHaveWaited(OPEN + ms, OPEN + ms));
    expect(seen).toEqual([false, false, true, true, true, false]);
  });

  it("may have let the last message of a burst wait that it read for long, late with a frame meanwhile", () => {
    const waited = (frameClock: FrameClock, readFrom: number, seen: number) =>
      frameClock.mayHaveWaited(OPEN + readFrom, OPEN + seen);
    const late = ticked(0, 20, 40, 75, 80, 100).frameClock;
    expect([waited(late, 42, 82), waited(late, 42, 83), waited(late, 42, 104)]).toEqual([true, true, true]);
    expect([waited(late, 86, 130), waited(late, 60, 80)]).toEqual([false, false]);
    expect(waited(ticked(0, 20, 40, 60, 80, 100).frameClock, 42, 104)).toBe(false);
  });

  it("looks at the end of a stream only", () => {
    const { frameClock } = ticked(0, 20, 55, 60, 80, 100, 120, 140, 160, 180, 200);
    expect(frameClock.mayHaveWaited(OPEN + 10, OPEN + 160)).toBe(true);
    expect(frameClock.mayHaveWaited(OPEN + 10, OPEN + 170)).toBe(false);
  });

  it("knows nothing of what happens between ticks that are on time, however far apart they are", () => {
    const frameClock = makeFrameClock({ frameMs: 100, healthFromMs: 0 });
    frameClock.open(frameClock.time(OPEN));
    for (const ms of [0, 100, 205, 300]) frameClock.tick(frameClock.time(OPEN + ms));
    expect(frameClock.mayHaveWaited(OPEN + 204, OPEN + 204)).toBe(false);
  });

  it("forgets lateness that is over", () => {
    const { frameClock } = ticked(0, 20, 100, 120, 300);
    frameClock.forgetLateBefore(OPEN + 121);
    expect(lateAround(frameClock, OPEN + 90)).toBe(false);
    expect(lateAround(frameClock, OPEN + 250)).toBe(true);
  });

  it("counts a clock that runs backwards, and goes on from where it was", () => {
    const { frameClock, frames } = ticked(0, 20, -5000, -4980, -4960);
    expect(frames).toEqual([1, 1, 0, 1, 1]);
    expect(frameClock.takeHealth().clockSteps).toBe(1);
  });

  it("counts a jump ahead as a step, moves its slots, and still counts the frames that were due", () => {
    const { frameClock, frames } = ticked(0, 20, 61_020, 61_040);
    expect(frames[2]).toBeLessThanOrEqual(2);
    expect(frames[3]).toBe(1);
    expect(frameClock.record()).toMatchObject({ clockSteps: 1, worstLagMs: 61_000 });
    expect(frameClock.record().framesDue - frameClock.record().framesSent).toBeGreaterThan(3000);
    expect(lateAround(frameClock, OPEN + 30_000)).toBe(true);
  });
});
