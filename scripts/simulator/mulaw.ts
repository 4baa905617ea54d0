/** G.711 mu-law for the simulator, which shares no code with what it proves: by tables, made from the standard's segments. */

/** The 16-bit sample of each byte: segments of 16 steps, each twice as wide as the one before, all bits inverted. */
const SAMPLES = Int16Array.from({ length: 256 }, (_, byte) => {
  const bits = 255 - byte;
  const step = 8 << ((bits >> 4) & 7);
  const magnitude = (bits & 15) * step + 16.5 * step - 132;
  return bits < 128 ? magnitude : -magnitude;
});

/** The byte of each 16-bit sample, by its index from -32768: the one whose sample is nearest. */
const BYTES = nearestBytes();

/** Decodes mu-law to 16-bit samples. */
export function samplesOfMulaw(bytes: Buffer): Int16Array {
  return Int16Array.from(bytes, (byte) => SAMPLES[byte] ?? 0);
}

/** Encodes 16-bit samples as mu-law. */
export function mulawOf(samples: Int16Array): Buffer {
  return Buffer.from(Uint8Array.from(samples, (sample) => BYTES[sample + 32768] ?? 255));
}

function nearestBytes(): Uint8Array {
  const byLevel = Array.from({ length: 256 }, (_, byte) => byte).sort((a, b) => (SAMPLES[a] ?? 0) - (SAMPLES[b] ?? 0));
  const bytes = new Uint8Array(65536);
  let at = 0;
  for (let sample = -32768; sample < 32768; sample += 1) {
    const level = (index: number) => SAMPLES[byLevel[index] ?? 0] ?? 0;
    while (at < 255 && Math.abs(level(at + 1) - sample) <= Math.abs(level(at) - sample)) at += 1;
    bytes[sample + 32768] = byLevel[at] ?? 255;
  }
  return bytes;
}
