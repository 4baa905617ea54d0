import { describe, expect, it } from "vitest";

import { decodeMulaw, decodeMulawByte, encodeMulaw, encodeMulawByte } from "./mulaw.ts";

describe("mu-law", () => {
  it.each([
    [0xff, 0],
    [0x7f, 0],
    [0x80, 32124],
    [0x00, -32124],
    [0xfe, 8],
    [0xf0, 120],
    [0xef, 132],
    [0xce, 988],
    [0x8f, 16764],
    [0x0f, -16764],
  ])("decodes the byte %d to %d, as ITU-T G.711 has it", (byte, sample) => {
    expect(decodeMulawByte(byte) + 0).toBe(sample);
  });

  it("encodes what a byte decodes to as that byte, but for the second zero", () => {
    for (let byte = 0; byte < 256; byte += 1)
      expect(encodeMulawByte(decodeMulawByte(byte))).toBe(byte === 0x7f ? 0xff : byte);
  });

  it("encodes a sample as a byte that is at most half a step of its segment away", () => {
    for (let sample = -32768; sample < 32768; sample += 7) {
      const byte = encodeMulawByte(sample);
      const halfStep = 4 << ((~byte & 0x70) >> 4);
      const error = Math.abs(decodeMulawByte(byte) - Math.max(-32635, Math.min(32635, sample)));
      expect(error, String(sample)).toBeLessThanOrEqual(halfStep);
    }
  });

  it("keeps the number of samples", () => {
    const samples = Int16Array.from([0, 1000, -1000, 32767, -32768]);
    expect(decodeMulaw(encodeMulaw(samples))).toHaveLength(5);
    expect([...encodeMulaw(samples)].slice(3)).toEqual([0x80, 0x00]);
  });
});
