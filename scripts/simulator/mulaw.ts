/** G.711 mu-law for the simulator, which shares no code with what it proves: by tables, made from the standard's segments. */

/** The 16-bit sample of each byte: segments of 16 steps, each twice as wide as the one before, all bits inverted. */
const SAMPLES = Int16Array.from({ length: 256 }, (_, byte) => {
  const bits = 255 - byte;
  const step = 8 << ((bits >> 4) & 7);
  const magnitude = (bits & 15) * step + 16.5 * step - 132;
  return bits < 128 ? magnitude : -magnitude;
});

/** The byte of each magnitude from 0 to 32768, for samples that are not negative. */
const BYTES = bytesOfMagnitudes();

/** Decodes mu-law to 16-bit samples. */
export function samplesOfMulaw(bytes: Buffer): Int16Array {
  return Int16Array.from(bytes, (byte) => SAMPLES[byte] ?? 0);
}

/** Encodes 16-bit samples as mu-law. */
export function mulawOf(samples: Int16Array): Buffer {
  return Buffer.from(Uint8Array.from(samples, (sample) => (BYTES[Math.abs(sample)] ?? 128) - (sample < 0 ? 128 : 0)));
}

/** The interval of a level ends half a step of its segment above it. The levels of samples >= 0 rise as their bytes fall. */
function bytesOfMagnitudes(): Uint8Array {
  const bytes = new Uint8Array(32769);
  let byte = 255;
  for (let magnitude = 0; magnitude <= 32768; magnitude += 1) {
    while (byte > 128 && magnitude >= (SAMPLES[byte] ?? 0) + (4 << ((255 - byte) >> 4))) byte -= 1;
    bytes[magnitude] = byte;
  }
  return bytes;
}
