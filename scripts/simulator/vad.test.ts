import { describe, expect, it } from "vitest";

import { isSpeech, Vad } from "./vad.ts";

const RATE_HZ = 16000;

/** Audio of this length with an RMS of `level`. */
function audio(ms: number, level: number): Int16Array {
  return Int16Array.from({ length: (RATE_HZ * ms) / 1000 }, (_, index) => (index % 2 === 0 ? level : -level));
}

/** The segment that a VAD finds in audio. Each frame has this length and arrives when it ends. */
function detect(frameMs: number, ...parts: Int16Array[]) {
  const vad = new Vad(RATE_HZ);
  const samples = Int16Array.from(parts.flatMap((part) => [...part]));
  const length = (RATE_HZ * frameMs) / 1000;
  for (let from = 0; from < samples.length; from += length)
    vad.process(samples.subarray(from, from + length), (from + length) / 16);
  return vad.segment;
}

describe("the simulator's VAD", () => {
  it("finds when speech began and when its last loud frame arrived", () => {
    expect(detect(20, audio(200, 10), audio(600, 3000), audio(300, 10))).toEqual({
      startAtMs: 220,
      endAtMs: 800,
      durationMs: 880,
      loudMs: 600,
      quietMs: 300,
      digits: "",
    });
  });

  it("does not detect noise at the level of a quiet line", () => {
    expect(detect(20, audio(2000, 18))).toBeNull();
  });

  it("finds a segment in a 200 ms click, which is not speech", () => {
    const click = detect(20, audio(100, 10), audio(200, 8000), audio(500, 10));
    expect(click?.loudMs).toBe(200);
    expect(click && isSpeech(click)).toBe(false);
  });

  it("keeps an utterance with a 1 s pause as one segment until it is told to end it", () => {
    expect(detect(20, audio(500, 3000), audio(1000, 10), audio(500, 3000))).toMatchObject({
      startAtMs: 20,
      endAtMs: 2000,
      loudMs: 1000,
      quietMs: 0,
    });
  });

  it("finds the same in frames of 40 ms, and in frames that do not fit its windows", () => {
    expect(detect(40, audio(200, 10), audio(600, 3000), audio(320, 10))).toMatchObject({
      startAtMs: 240,
      endAtMs: 800,
      loudMs: 600,
      quietMs: 320,
    });
    expect(detect(7, audio(200, 10), audio(600, 3000), audio(300, 10))?.loudMs).toBeGreaterThanOrEqual(580);
  });

  it("counts audio, not time: lost frames do not count", () => {
    const vad = new Vad(RATE_HZ);
    for (const atMs of [20, 40, 200, 220]) vad.process(audio(20, 3000), atMs);
    expect(vad.segment).toEqual({ startAtMs: 20, endAtMs: 220, durationMs: 60, loudMs: 80, quietMs: 0, digits: "" });
  });

  it("takes digits for speech: alone, and behind words", () => {
    const vad = new Vad(RATE_HZ);
    vad.press("4", 100);
    expect(vad.segment && isSpeech(vad.segment)).toBe(true);
    vad.process(audio(20, 10), 120);
    vad.press("#", 300);
    expect(vad.segment).toMatchObject({ startAtMs: 100, endAtMs: 300, quietMs: 0, digits: "4#" });
    vad.endSegment();
    vad.process(audio(20, 3000), 400);
    vad.press("1", 420);
    expect(vad.segment).toMatchObject({ startAtMs: 400, endAtMs: 420, digits: "1" });
  });
});
