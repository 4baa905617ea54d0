/** Checks that a file without a header can be what it is read as: 16-bit mono PCM, little-endian. */

import { containerOf } from "./containers.ts";

/** How many samples of a file are looked at, in k6 at about 2 us each, while the first ones leave it open. */
const LOOKED_AT_FIRST = 1024;
const LOOKED_AT = 8192;

/** Distributions of few samples that differ by more than this are different. */
const CLEARLY_DIFFERENT = 0.45;

/** Fewer samples that are not silent say nothing about how their bytes are distributed. */
const MIN_SAMPLES = 1000;

/** Bytes with at least this entropy, in bits, are noise at full scale. */
const NOISE_BITS = 7.9;

/** Two distributions that differ by less than this are the same. */
const ALIKE = 0.25;

/**
 * Returns what is wrong with a raw file, in the form `expected ..., got ...`; null where nothing is. `file` is its name. Not
 * every wrong format can be seen: another rate, and stereo, are samples like any other.
 */
export function rawProblem(bytes: Uint8Array, file: string): string | null {
  const kind = containerOf(bytes);
  if (kind !== null) return `expected raw samples, got ${kind}; ${remedy(kind, file)}`;
  if (bytes.length === 0) return "expected 16-bit PCM, got an empty file";
  if (bytes.length % 2 !== 0) return `expected 16-bit PCM, got an odd number of bytes (${bytes.length})`;
  const other = otherSamples(bytes);
  return other === null ? null : `expected 16-bit PCM, got ${other}; ${remedy(other, file)}`;
}

function remedy(kind: string, file: string): string {
  if (kind === "a text file") return "is it a pointer of Git LFS, or an error page that was downloaded?";
  if (kind !== "a WAV file") return "convert it to a WAV file and run make audio_manifest";
  return `${/\.wav$/i.test(file) ? "" : "rename it to .wav and "}run make audio_manifest`;
}

/**
 * Returns what samples of 8 bits are, where a file holds them; null for samples of 16 bits. Of 16 bits, the low byte takes every
 * value about as often, and the high byte few of them. Samples of 8 bits are distributed alike in even and odd bytes.
 *
 * Measured, as half the sum of the differences between the two distributions: the shipped utterances 0.46 to 0.71, and not below
 * 0.37 louder, softer, clipped or in noise; as mu-law, A-law or 8-bit PCM at most 0.15. White noise at full scale has 0.12, but
 * no other sound takes all values as often.
 */
function otherSamples(bytes: Uint8Array): string | null {
  const few = compareBytes(bytes, LOOKED_AT_FIRST);
  if (few.total >= LOOKED_AT_FIRST / 2 && few.distance > CLEARLY_DIFFERENT) return null;
  const { distance, lowBits, total } = compareBytes(bytes, LOOKED_AT);
  const isEightBits = total >= MIN_SAMPLES && lowBits <= NOISE_BITS && distance < ALIKE;
  return isEightBits ? "samples of 8 bits (mu-law, A-law or 8-bit PCM)" : null;
}

/**
 * Compares the distributions of the low and the high bytes of at most about `count` samples, evenly spread over the file. `total`
 * is how many of them were not silent, `lowBits` the entropy of the low byte, `distance` is from 0 to 1.
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
