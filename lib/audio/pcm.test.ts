import { describe, expect, it } from "vitest";

import { findSpeech, quietNoise, rms } from "./pcm.ts";

const RATE = 16000;
const ms = (count: number) => (RATE * count) / 1000;

/** Makes a tone with an RMS of `level`, and adds noise of +-`noise`. */
function sound(lengthMs: number, level: number, noise = 0): number[] {
  return Array.from({ length: ms(lengthMs) }, (_, at) =>
    Math.round(level * Math.SQRT2 * Math.sin(at / 5) + (noise * ((at * 7919) % 201)) / 100 - noise),
  );
}

const found = (...parts: number[][]) => {
  const speech = findSpeech(Int16Array.from(parts.flat()), RATE);
  return speech === null ? null : { startMs: speech.start / 16, endMs: speech.end / 16 };
};

describe("speech", () => {
  it("runs from the first to the last loud frame, pauses included", () => {
    expect(found(sound(200, 0), sound(500, 2000), sound(300, 0), sound(500, 2000), sound(400, 0))).toEqual({
      startMs: 200,
      endMs: 1500,
    });
  });

  it("is at least an RMS of 200 in a clean file", () => {
    expect(found(sound(200, 0), sound(200, 190), sound(200, 2000), sound(200, 0))).toEqual({
      startMs: 400,
      endMs: 600,
    });
  });

  it("is at least three times the noise of a noisy file", () => {
    expect(found(sound(200, 0, 400), sound(400, 3000, 400), sound(800, 0, 400))).toEqual({ startMs: 200, endMs: 600 });
  });

  it("includes a last syllable that is weaker than three times the noise, where it follows without a break", () => {
    const [before, word, after] = [sound(200, 0, 400), sound(400, 3000, 400), sound(800, 0, 400)];
    const weak = sound(100, 350, 400);
    expect(found(before, word, weak, after)).toEqual({ startMs: 200, endMs: 700 });
    expect(found(before, weak, word, after)).toEqual({ startMs: 200, endMs: 700 });
    expect(found(before, word, sound(100, 0, 400), weak, after)).toEqual({ startMs: 200, endMs: 600 });
  });

  it("ends with the file where the file ends in mid-word", () => {
    expect(found(sound(200, 0), sound(400, 2000))).toEqual({ startMs: 200, endMs: 600 });
    expect(found(sound(200, 0), sound(407, 2000))).toEqual({ startMs: 200, endMs: 607 });
    expect(found(sound(200, 0), sound(407, 2000), sound(4, 0))).toEqual({ startMs: 200, endMs: 611 });
    expect(found(sound(200, 0, 400), sound(407, 3000, 400))).toEqual({ startMs: 200, endMs: 607 });
  });

  it("is whole in a file that is cut close to its words", () => {
    expect(found(sound(600, 2000), sound(40, 60), sound(800, 1500), sound(60, 300))).toEqual({
      startMs: 0,
      endMs: 1500,
    });
  });

  it("is not found in silence, in noise, or in nothing", () => {
    expect(found(sound(400, 0))).toBeNull();
    expect(found(Array.from(quietNoise(ms(400))))).toBeNull();
    expect(found([])).toBeNull();
  });
});

describe("quiet frames", () => {
  it("hold noise at an RMS of about 10, the same every time", () => {
    const noise = quietNoise(ms(500));
    expect(rms(noise, 0, noise.length)).toBeGreaterThan(9);
    expect(rms(noise, 0, noise.length)).toBeLessThan(11);
    expect(quietNoise(100)).toEqual(noise.slice(0, 100));
  });
});
