import { describe, expect, it } from "vitest";

import { resample } from "./resample.ts";

/** Makes a tone of `ms` milliseconds at 16 kHz. */
function tone(hz: number, ms: number, amplitude = 8000): Int16Array {
  return Int16Array.from({ length: 16 * ms }, (_, at) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * hz * at) / 16000)),
  );
}

/** Measures the level of one frequency in a signal, in dB relative to an amplitude of 8000. */
function levelDb(samples: Int16Array, hz: number, rateHz: number): number {
  let re = 0;
  let im = 0;
  samples.forEach((sample, at) => {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / samples.length);
    re += window * sample * Math.cos((2 * Math.PI * hz * at) / rateHz);
    im += window * sample * Math.sin((2 * Math.PI * hz * at) / rateHz);
  });
  return 20 * Math.log10((4 * Math.hypot(re, im)) / samples.length / 8000);
}

describe("resampling 16 kHz to 24 kHz", () => {
  it("makes three samples from two", () => {
    expect(resample(tone(440, 100), 24000)).toHaveLength(2400);
  });

  it.each([100, 440, 1000, 3000, 5000])("leaves a tone of %d Hz as it is", (hz) => {
    const out = resample(tone(hz, 200), 24000);
    expect(levelDb(out, hz, 24000)).toBeCloseTo(0, 0);
  });

  it.each([440, 1000, 3000, 5000])("makes no image of a tone of %d Hz above 8 kHz", (hz) => {
    const out = resample(tone(hz, 200), 24000);
    for (let image = 8050; image < 12_000; image += 50) expect(levelDb(out, image, 24000)).toBeLessThan(-50);
  });

  it("stays within 16 bits", () => {
    const square = Int16Array.from({ length: 800 }, (_, at) => (at % 40 < 20 ? 32767 : -32768));
    const out = resample(square, 24000);
    expect(Math.max(...out)).toBe(32767);
    expect(Math.min(...out)).toBe(-32768);
  });
});

describe("resampling 16 kHz to 8 kHz", () => {
  it("makes one sample from two", () => {
    expect(resample(tone(440, 100), 8000)).toHaveLength(800);
  });

  it.each([100, 440, 1000, 2000, 3000])("leaves a tone of %d Hz as it is", (hz) => {
    expect(levelDb(resample(tone(hz, 200), 8000), hz, 8000)).toBeCloseTo(0, 0);
  });

  it.each([4650, 5000, 6000, 7500])("folds no tone of %d Hz into the speech", (hz) => {
    expect(levelDb(resample(tone(hz, 200), 8000), 8000 - hz, 8000)).toBeLessThan(-50);
  });
});

it("refuses a rate that no wire has", () => {
  expect(() => resample(tone(440, 20), 44100)).toThrow("expected 8000 or 24000 Hz, got 44100");
});
