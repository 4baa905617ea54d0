/**
 * Resamples PCM from 16 kHz to the other rates of callers, with a polyphase filter. To 24 kHz (3 up, 2 down) the filter passes
 * nothing above 8 kHz: that would be images of the speech below, which are not in the original. To 8 kHz (1 up, 2 down) it passes
 * what a telephone does, up to 3.4 kHz, and nothing above 4.6 kHz, which would fold into it; half of its taps are zero (half-band).
 * Runs once, when a test starts.
 */

import { kaiser, sinc } from "./window.ts";

/** The sample rate that `resample` converts from, in Hz. */
export const FROM_HZ = 16000;

/** One conversion. */
interface Conversion {
  readonly up: number;
  readonly down: number;
  /** Input samples per output sample: with more, the filter is steeper and the test starts later. */
  readonly taps: number;
  /** The frequency at which the filter has fallen to half, as a fraction of the input's Nyquist frequency. */
  readonly cutoff: number;
}

/** The conversions, by the rate to convert to, in Hz. */
const CONVERSIONS: Readonly<Record<number, Conversion>> = {
  8000: { up: 1, down: 2, taps: 48, cutoff: 0.5 },
  24000: { up: 3, down: 2, taps: 16, cutoff: 0.85 },
};

/** The shape parameter of the Kaiser window: about 60 dB of attenuation. */
const BETA = 5.65;

/** True when `resample` converts to this rate, in Hz. */
export function resamplesTo(rateHz: number): boolean {
  return Object.hasOwn(CONVERSIONS, rateHz);
}

/**
 * Resamples 16-bit mono samples of 16 kHz, and clips them to 16 bits. Resample a whole file and cut it afterwards: at a
 * cut that was made before, the filter would make a click. Throws for a rate that `resamplesTo` does not know.
 */
export function resample(samples: Int16Array, toHz: number): Int16Array {
  const conversion = CONVERSIONS[toHz];
  if (conversion === undefined) throw new Error(`resample: expected 8000 or 24000 Hz, got ${toHz}`);
  const { down, up } = conversion;
  const phases = makePhases(conversion);
  const out = new Int16Array(Math.floor((samples.length * up) / down));
  // k6's JavaScript reads plain arrays 1.5 times as fast as typed ones, and this loop takes most of a test's start.
  const input = Array.from(samples);
  for (let index = 0; index < out.length; index += 1) {
    const position = index * down;
    const { factors, offsets } = phases[position % up] as Phase;
    const at = Math.floor(position / up);
    let sum = 0;
    for (let tap = 0; tap < factors.length; tap += 1)
      sum += (input[at + (offsets[tap] as number)] ?? 0) * (factors[tap] as number);
    out[index] = Math.max(-32768, Math.min(32767, Math.round(sum)));
  }
  return out;
}

/** The taps of one position from one input sample to the next, without those that are zero: where each stands, and its factor. */
interface Phase {
  readonly offsets: readonly number[];
  readonly factors: readonly number[];
}

/** A factor below this changes no 16-bit sample. */
const ZERO = 1e-9;

/** Makes the taps of each position; the factors of one add up to 1. */
function makePhases({ cutoff, taps: count, up }: Conversion): Phase[] {
  return Array.from({ length: up }, (_, phase) => {
    const all = Array.from({ length: count }, (_entry, tap) => {
      const offset = tap - (count / 2 - 1);
      const distance = offset - phase / up;
      return { offset, factor: cutoff * sinc(cutoff * distance) * kaiser(distance / (count / 2), BETA) };
    });
    const taps = all.filter(({ factor }) => Math.abs(factor) > ZERO);
    const gain = taps.reduce((sum, { factor }) => sum + factor, 0);
    return { offsets: taps.map(({ offset }) => offset), factors: taps.map(({ factor }) => factor / gain) };
  });
}
