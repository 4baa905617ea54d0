import { describe, expect, it } from "vitest";

import { Ear, isSpeech } from "./vad.ts";

const RATE = 16000;

/** So many ms at an RMS of about `level`. */
function sound(ms: number, level: number): Int16Array {
  return Int16Array.from({ length: (RATE * ms) / 1000 }, (_, at) => (at % 2 === 0 ? level : -level));
}

/** Lets an ear hear parts in frames of so many ms, each arriving when it is over. */
function hear(frameMs: number, ...parts: Int16Array[]) {
  const ear = new Ear(RATE);
  const samples = Int16Array.from(parts.flatMap((part) => [...part]));
  const length = (RATE * frameMs) / 1000;
  for (let at = 0; at < samples.length; at += length) ear.hear(samples.subarray(at, at + length), (at + length) / 16);
  return ear.hearing;
}

describe("the simulator's ear", () => {
  it("hears when speech began and when its last loud frame arrived", () => {
    expect(hear(20, sound(200, 10), sound(600, 3000), sound(300, 10))).toEqual({
      startAtMs: 220,
      endAtMs: 800,
      ms: 880,
      loudMs: 600,
      quietMs: 300,
    });
  });

  it("does not hear noise at the level of a quiet line", () => {
    expect(hear(20, sound(2000, 18))).toBeNull();
  });

  it("takes a 200 ms click for a sound, and not for speech", () => {
    const click = hear(20, sound(100, 10), sound(200, 8000), sound(500, 10));
    expect(click?.loudMs).toBe(200);
    expect(click && isSpeech(click)).toBe(false);
  });

  it("takes an utterance with a 1 s hesitation for one sound until somebody ends it", () => {
    expect(hear(20, sound(500, 3000), sound(1000, 10), sound(500, 3000))).toMatchObject({
      startAtMs: 20,
      endAtMs: 2000,
      loudMs: 1000,
      quietMs: 0,
    });
  });

  it("hears the same in frames of 40 ms, and in frames that fit no window", () => {
    expect(hear(40, sound(200, 10), sound(600, 3000), sound(320, 10))).toMatchObject({
      startAtMs: 240,
      endAtMs: 800,
      loudMs: 600,
      quietMs: 320,
    });
    expect(hear(7, sound(200, 10), sound(600, 3000), sound(300, 10))?.loudMs).toBeGreaterThanOrEqual(580);
  });

  it("counts audio, not time: frames that were lost were not heard", () => {
    const ear = new Ear(RATE);
    for (const atMs of [20, 40, 200, 220]) ear.hear(sound(20, 3000), atMs);
    expect(ear.hearing).toEqual({ startAtMs: 20, endAtMs: 220, ms: 60, loudMs: 80, quietMs: 0 });
  });
});
