import { describe, expect, it } from "vitest";

import { soundAt } from "./sounds.ts";

const RATES_HZ = [16000, 24000, 48000];

/** The RMS of each stretch of this length, one beginning at every ms. */
function levels(base64: string, rateHz: number, lengthMs: number): number[] {
  const bytes = Buffer.from(base64, "base64");
  const samples = Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readInt16LE(index * 2));
  const [length, everyMs] = [(rateHz * lengthMs) / 1000, rateHz / 1000];
  return Array.from({ length: Math.floor((samples.length - length) / everyMs) + 1 }, (_, at) => {
    const window = samples.slice(at * everyMs, at * everyMs + length);
    return Math.sqrt(window.reduce((sum, sample) => sum + sample * sample, 0) / length);
  });
}

/** All of a sound that there is. */
const all = (name: Parameters<typeof soundAt>[0], rateHz: number) => {
  const sound = soundAt(name, rateHz);
  return sound.frame(sound.bytesOf(4000), 0);
};

describe.each(RATES_HZ)("at %d Hz", (rateHz) => {
  it("the voice can be heard in its first 2 ms, wherever a frame is cut", () => {
    expect(Math.min(...levels(all("voice", rateHz), rateHz, 2))).toBeGreaterThan(33);
  });

  it("comfort noise is about -69 dBFS, and nowhere louder than -60 dBFS", () => {
    const noise = levels(all("noise", rateHz), rateHz, 20);
    const meanSquare = noise.reduce((sum, level) => sum + level * level, 0) / noise.length;
    expect(20 * Math.log10(Math.sqrt(meanSquare) / 32768)).toBeCloseTo(-69, 0);
    expect(Math.max(...noise)).toBeLessThan(33);
    expect(Math.min(...noise)).toBeGreaterThan(6);
  });

  it("silence is all zeros", () => {
    expect(Math.max(...levels(all("silence", rateHz), rateHz, 20))).toBe(0);
  });
});
