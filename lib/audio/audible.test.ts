import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AUDIBLE_RMS, samplesBeforeSound } from "./audible.ts";

const HZ = 16000;

/** Seeded noise, uniform in +-amplitude: its RMS is amplitude / sqrt(3). */
function noise(samples: number, amplitude: number): number[] {
  let state = 1;
  return Array.from({ length: samples }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.round((state / 1073741824 - 1) * amplitude);
  });
}

const pcm = (...parts: readonly number[][]) => Int16Array.from(parts.flat());
const silence = (samples: number) => new Array<number>(samples).fill(0);

describe("where sound begins in samples", () => {
  it("is their first sample when that is loud", () => {
    expect(samplesBeforeSound(pcm([2000], noise(320, 3000)), HZ)).toBe(0);
  });

  it.each([1, 319, 320, 500, 4000])("is after %d samples of zeros, to the sample", (before) => {
    expect(samplesBeforeSound(pcm(silence(before), [1000], noise(800, 3000)), HZ)).toBe(before);
  });

  it("is nowhere in zeros, in the zeros of u-law, in dither, and in comfort noise", () => {
    for (const quiet of [silence(640), new Array<number>(640).fill(8), noise(640, 2), noise(640, 40)]) {
      expect(samplesBeforeSound(pcm(quiet), HZ)).toBe(640);
    }
  });

  it("is after comfort noise, within a millisecond of the first word", () => {
    const before = samplesBeforeSound(pcm(noise(4000, 40), noise(800, 3000)), HZ);
    expect(before).toBeGreaterThanOrEqual(4000);
    expect(before).toBeLessThan(4016);
  });

  it("is a matter of the RMS over 20 ms: speech just above -60 dBFS is audible, just below it is not", () => {
    const tone = (rms: number) => Array.from({ length: 640 }, (_, at) => Math.round(rms * Math.SQRT2 * Math.sin(at)));
    expect(samplesBeforeSound(pcm(tone(AUDIBLE_RMS * 1.1)), HZ)).toBeLessThan(640);
    expect(samplesBeforeSound(pcm(tone(AUDIBLE_RMS * 0.9)), HZ)).toBe(640);
  });

  it("does not add up quiet sound over more than 20 ms", () => {
    expect(samplesBeforeSound(pcm(noise(HZ, 50)), HZ)).toBe(HZ);
  });

  it("is judged in fewer samples than 20 ms by what is there", () => {
    expect(samplesBeforeSound(pcm(noise(80, 100)), HZ)).toBeLessThan(80);
    expect(samplesBeforeSound(pcm(noise(80, 20)), HZ)).toBe(80);
    expect(samplesBeforeSound(new Int16Array(0), HZ)).toBe(0);
  });

  it("is never later because sound follows", () => {
    const samples = fc.array(fc.integer({ min: -3000, max: 3000 }), { minLength: 320, maxLength: 900 });
    fc.assert(
      fc.property(samples, samples, (first, then) => {
        const alone = samplesBeforeSound(pcm(first), HZ);
        expect(Math.min(first.length, samplesBeforeSound(pcm(first, then), HZ))).toBeLessThanOrEqual(alone);
      }),
    );
  });
});
