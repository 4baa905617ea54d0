/** Decodes G.711 A-law, the samples of European telephony: 8 bits that stand for 13, in steps that grow with the level. */

/** Returns the 16-bit sample of an A-law byte (ITU-T G.711, table 1a; every second bit is inverted). */
export function decodeAlaw(byte: number): number {
  const bits = byte ^ 0x55;
  const segment = segmentOf(bits);
  const step = ((bits & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return (bits & 0x80) === 0 ? -magnitude : magnitude;
}

function segmentOf(bits: number): number {
  return (bits & 0x70) >> 4;
}
