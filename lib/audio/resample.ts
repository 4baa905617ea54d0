/**
 * Resamples PCM from 16 kHz to 24 kHz with a polyphase filter (3 up, 2 down). The filter passes nothing above 8 kHz:
 * that would be images of the speech below, which are not in the original. Runs once, when a test starts.
 */

import { kaiser, sinc } from "./window.ts";

const UP = 3;
const DOWN = 2;

/** Input samples per output sample: with more, the filter is steeper and the test starts later. */
const TAPS = 16;

/** The frequency at which the filter has fallen to half, as a fraction of the input's Nyquist frequency. */
const CUTOFF = 0.85;

/** The shape parameter of the Kaiser window: about 60 dB of attenuation. */
const BETA = 5.65;

/** The sample rates that `resample` converts from and to, in Hz. */
export const RESAMPLES = { fromHz: 16000, toHz: 24000 } as const;

/**
 * Resamples 16-bit mono samples by 3:2, and clips them to 16 bits. Resample a whole file and cut it afterwards: at a
 * cut that was made before, the filter would make a click.
 */
export function resample(samples: Int16Array): Int16Array {
  const phases = makePhases();
  const out = new Int16Array(Math.floor((samples.length * UP) / DOWN));
  // k6's JavaScript reads plain arrays 1.5 times as fast as typed ones, and this loop takes most of a test's start.
  const input = Array.from(samples);
  for (let index = 0; index < out.length; index += 1) {
    const position = index * DOWN;
    const phase = phases[position % UP] ?? [];
    const first = Math.floor(position / UP) - TAPS / 2 + 1;
    let sum = 0;
    for (let tap = 0; tap < TAPS; tap += 1) sum += (input[first + tap] ?? 0) * (phase[tap] ?? 0);
    out[index] = Math.max(-32768, Math.min(32767, Math.round(sum)));
  }
  return out;
}

/** Makes one row of taps for each of the three positions from one input sample to the next; each row sums to 1. */
function makePhases(): number[][] {
  return Array.from({ length: UP }, (_, phase) => {
    const taps = Array.from({ length: TAPS }, (_entry, tap) => {
      const distance = tap - (TAPS / 2 - 1) - phase / UP;
      return CUTOFF * sinc(CUTOFF * distance) * kaiser(distance / (TAPS / 2), BETA);
    });
    const gain = taps.reduce((sum, tap) => sum + tap, 0);
    return taps.map((tap) => tap / gain);
  });
}
