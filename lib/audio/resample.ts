/**
 * 16 kHz to 24 kHz: a polyphase filter (3 up, 2 down) that lets nothing above 8 kHz through, because what it would
 * let through were images of speech that nobody spoke. Runs once, when a test starts.
 */

import { kaiser, sinc } from "./window.ts";

const UP = 3;
const DOWN = 2;

/** Input samples that each output sample is made of: more make a steeper filter, and a slower start. */
const TAPS = 16;

/** Where the filter has fallen to half, as a share of the input's Nyquist frequency. */
const CUTOFF = 0.85;

/** The Kaiser window's shape: about 60 dB of attenuation. */
const BETA = 5.65;

/** The rates that this goes between, in Hz. */
export const RESAMPLES = { fromHz: 16000, toHz: 24000 } as const;

/** Resamples by 3:2. A file is resampled whole and cut afterwards, so that no cut clicks. */
export function resample(samples: Int16Array): Int16Array {
  const phases = makePhases();
  const out = new Int16Array(Math.floor((samples.length * UP) / DOWN));
  // k6's JavaScript reads plain arrays half again as fast as typed ones, and this loop is most of a test's start.
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

/** One row of taps for each of the three places between two input samples. */
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
