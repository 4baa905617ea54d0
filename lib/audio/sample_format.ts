/** Recognises speech whose samples are not the 16-bit little-endian ones that they are read as, by how their bytes are distributed. */

/** How many samples of a file are looked at, in k6 at about 2 us each, while the first ones leave it open. */
const LOOKED_AT_FIRST = 1024;
const LOOKED_AT = 8192;

/** If the first samples' distributions are further apart than this, the samples have 16 bits and no more are looked at. */
const CLEARLY_DIFFERENT = 0.45;

/** Fewer samples that are not silent say nothing about how their bytes are distributed. */
const MIN_SAMPLES = 1000;

/** Bytes with at least this entropy, in bits, are noise at full scale. */
const NOISE_BITS = 7.9;

/** Two distributions that differ by less than this are the same. */
const ALIKE = 0.25;

/** How many runs of samples are compared, and their length. */
const RUNS = 8;
const RUN_SAMPLES = 256;

/** The steps between samples over their level, above which they are noise: white noise has 1.3, speech at 16 kHz less than 0.7. */
const ROUGH = 1;

/** Samples are speech in the other byte order if their steps are so much smaller then. */
const SMOOTHER = 0.5;

/** The share of 32-bit words that must be numbers of audio, and of those that must not be 0. */
const FLOAT_SHARE = 0.99;
const NOT_ZERO_SHARE = 0.5;

/** Numbers of audio are from 0.000001 (-120 dB) to 2. */
const MIN_FLOAT_EXPONENT = 127 - 20;
const MAX_FLOAT_EXPONENT = 127;

/** Returns what other samples the bytes of a raw file are; null for 16-bit little-endian samples, and for what may be. */
export function otherSamples(bytes: Uint8Array): string | null {
  if (hasEightBits(bytes)) return "samples of 8 bits (mu-law, A-law or 8-bit PCM)";
  if (bytes.length < 2 * RUNS * RUN_SAMPLES) return null;
  if (isFloat(bytes)) return "32-bit float samples";
  return isSwapped(bytes) ? "samples in the other byte order (big-endian)" : null;
}

/**
 * True for samples of 8 bits. Of 16 bits, the low byte takes every value about as often, and the high byte few of them.
 * Samples of 8 bits are distributed alike in even and odd bytes.
 *
 * Measured distances between the two distributions (compareBytes): the shipped utterances 0.46 to 0.71, and not below
 * 0.37 louder, softer, clipped or in noise; as mu-law, A-law or 8-bit PCM at most 0.15. White noise at full scale has 0.12, but
 * no other sound takes all values as often.
 */
function hasEightBits(bytes: Uint8Array): boolean {
  const few = compareBytes(bytes, LOOKED_AT_FIRST);
  if (few.total >= LOOKED_AT_FIRST / 2 && few.distance > CLEARLY_DIFFERENT) return false;
  const { distance, lowBits, total } = compareBytes(bytes, LOOKED_AT);
  return total >= MIN_SAMPLES && lowBits <= NOISE_BITS && distance < ALIKE;
}

/**
 * Compares the distributions of the low and the high bytes of at most about `count` samples, evenly spread over the file. `total`
 * is how many of them were not silent, `lowBits` the entropy of the low byte, `distance` half the sum of the differences
 * between the two distributions, from 0 (alike) to 1.
 */
function compareBytes(bytes: Uint8Array, count: number): { total: number; lowBits: number; distance: number } {
  const step = 2 * Math.max(1, Math.floor(bytes.length / 2 / count));
  const low = new Array<number>(256).fill(0);
  const high = new Array<number>(256).fill(0);
  let total = 0;
  for (let at = 0; at + 1 < bytes.length; at += step) {
    const first = bytes[at] ?? 0;
    const second = bytes[at + 1] ?? 0;
    if (isQuiet(first, second)) continue;
    low[first] = (low[first] ?? 0) + 1;
    high[second] = (high[second] ?? 0) + 1;
    total += 1;
  }
  const difference = low.reduce((sum, each, value) => sum + Math.abs(each - (high[value] ?? 0)), 0);
  return { total, lowBits: entropyBits(low, total), distance: difference / (2 * total) };
}

/** True for 16-bit samples of at most 256, which are silence, and whose high byte says nothing. */
function isQuiet(low: number, high: number): boolean {
  return high === 0 || (high === 255 && low > 0);
}

/** The entropy of a distribution, in bits. */
function entropyBits(counts: readonly number[], total: number): number {
  return -counts.reduce((sum, count) => (count === 0 ? sum : sum + (count / total) * Math.log2(count / total)), 0);
}

/** True where the samples are rough as they are, and smooth with their bytes swapped. */
function isSwapped(bytes: Uint8Array): boolean {
  const asRead = roughness(bytes, 0);
  return asRead >= ROUGH && roughness(bytes, 1) <= SMOOTHER * asRead;
}

/** The steps between the samples of some runs over their level; `low` is the index of the low byte of a sample. */
function roughness(bytes: Uint8Array, low: 0 | 1): number {
  let steps = 0;
  let level = 0;
  for (const start of runs(bytes)) {
    let before = 0;
    for (let index = 0; index < RUN_SAMPLES; index += 1) {
      const at = start + 2 * index;
      const sample = (((bytes[at + 1 - low] ?? 0) << 24) | ((bytes[at + low] ?? 0) << 16)) >> 16;
      if (index > 0) steps += Math.abs(sample - before);
      level += Math.abs(sample);
      before = sample;
    }
  }
  return level === 0 ? 0 : steps / level;
}

/** True where almost all 32-bit words are IEEE 754 numbers of audio. Two 16-bit samples are so only if they are loud and constant. */
function isFloat(bytes: Uint8Array): boolean {
  let audio = 0;
  let zeros = 0;
  for (const start of runs(bytes)) {
    for (let at = start; at < start + 2 * RUN_SAMPLES; at += 4) {
      const [high, next] = [bytes[at + 3] ?? 0, bytes[at + 2] ?? 0];
      const exponent = ((high & 0x7f) << 1) | (next >> 7);
      if (exponent >= MIN_FLOAT_EXPONENT && exponent <= MAX_FLOAT_EXPONENT) audio += 1;
      else if (exponent === 0 && next === 0 && bytes[at] === 0 && bytes[at + 1] === 0) zeros += 1;
    }
  }
  const words = (RUNS * RUN_SAMPLES) / 2;
  return audio + zeros >= FLOAT_SHARE * words && audio >= NOT_ZERO_SHARE * words;
}

/** Where the runs begin, in bytes: evenly spread over the file, at whole 32-bit words. */
function runs(bytes: Uint8Array): number[] {
  const apart = (bytes.length - 2 * RUN_SAMPLES) / RUNS;
  return Array.from({ length: RUNS }, (_, index) => Math.floor((index * apart) / 4) * 4);
}
