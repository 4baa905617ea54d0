/** Decodes G.711, the samples of telephony: 8 bits that stand for 13 or 14 in steps that grow with the level. */

/** Returns the 16-bit sample of a mu-law byte (ITU-T G.711, table 2a; all bits are inverted). */
export function decodeMulaw(byte: number): number {
  const bits = ~byte & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + MULAW_BIAS) << segmentOf(bits)) - MULAW_BIAS;
  return (bits & 0x80) === 0 ? magnitude : 0 - magnitude;
}

/** Returns the 16-bit sample of an A-law byte (ITU-T G.711, table 1a; every second bit is inverted). */
export function decodeAlaw(byte: number): number {
  const bits = byte ^ 0x55;
  const segment = segmentOf(bits);
  const step = ((bits & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return (bits & 0x80) === 0 ? -magnitude : magnitude;
}

/** What mu-law adds before it takes the logarithm, at 16 bits. */
const MULAW_BIAS = 0x84;

function segmentOf(bits: number): number {
  return (bits & 0x70) >> 4;
}
