/** G.711 mu-law, the samples of North American telephony: 8 bits that stand for 14, in steps that grow with the level. */

/** What mu-law adds before it takes the logarithm, at 16 bits. */
const BIAS = 0x84;

/** The largest magnitude that mu-law can express, at 16 bits, without the bias. */
const CLIP = 32635;

/** Returns the 16-bit sample of a mu-law byte (ITU-T G.711, table 2a; all bits are inverted). */
export function decodeMulawByte(byte: number): number {
  const bits = ~byte & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + BIAS) << ((bits & 0x70) >> 4)) - BIAS;
  return (bits & 0x80) === 0 ? magnitude : 0 - magnitude;
}

/** Returns the mu-law byte of a 16-bit sample (ITU-T G.711, table 2a); louder samples than 32635 are clipped. */
export function encodeMulawByte(sample: number): number {
  const magnitude = Math.min(Math.abs(sample), CLIP) + BIAS;
  // The segment is the place of the highest bit, from bit 7 (segment 0) to bit 14.
  const segment = 24 - Math.clz32(magnitude);
  const step = (magnitude >> (segment + 3)) & 0x0f;
  return ~((sample < 0 ? 0x80 : 0) | (segment << 4) | step) & 0xff;
}

/** Decodes mu-law to 16-bit samples. */
export function decodeMulaw(bytes: Uint8Array): Int16Array {
  const samples = new Int16Array(bytes.length);
  for (let at = 0; at < bytes.length; at += 1) samples[at] = decodeMulawByte(bytes[at] as number);
  return samples;
}

/** Encodes 16-bit samples as mu-law. */
export function encodeMulaw(samples: Int16Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(samples, encodeMulawByte);
}
