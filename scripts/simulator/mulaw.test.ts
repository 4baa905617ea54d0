import { describe, expect, it } from "vitest";

import { decodeMulaw, encodeMulaw } from "../../lib/audio/mulaw.ts";
import { mulawOf, samplesOfMulaw } from "./mulaw.ts";

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const ALL_SAMPLES = Int16Array.from({ length: 65536 }, (_, at) => at - 32768);

describe("the simulator's mu-law", () => {
  it("decodes every byte as the caller's does", () => {
    expect([...samplesOfMulaw(Buffer.from(ALL_BYTES))]).toEqual([...decodeMulaw(ALL_BYTES)]);
  });

  it("has the extremes and the zero of the standard", () => {
    expect([...samplesOfMulaw(Buffer.from([0x00, 0x80, 0xff]))]).toEqual([-32124, 32124, 0]);
  });

  it("encodes what it decodes to the same level", () => {
    const samples = samplesOfMulaw(Buffer.from(ALL_BYTES));
    expect([...samplesOfMulaw(mulawOf(samples))]).toEqual([...samples]);
  });

  it("encodes every sample as the caller's does", () => {
    expect(mulawOf(ALL_SAMPLES).equals(Buffer.from(encodeMulaw(ALL_SAMPLES)))).toBe(true);
  });
});
