/**
 * Says where sound begins in 16-bit mono PCM. A sample is audible when the RMS of the 20 ms that end with it is at least
 * -60 dBFS (33 of 32768). Speech over a telephone is 30 dB louder, and its quietest sounds are 10 dB louder; the comfort
 * noise that transports and codecs fill pauses with is quieter, the zeros of u-law (0 or 8) and dither much quieter.
 */

/** The RMS from which on 20 ms of 16-bit samples can be heard: 32768 x 10^(-60/20). */
export const AUDIBLE_RMS = 33;

/** In the first audible 20 ms, sound begins with the first sample of at least this magnitude: no noise below -60 dBFS has. */
const ONSET = 3 * AUDIBLE_RMS;

/** The length of the window that the RMS is taken over, in ms. */
const WINDOW_MS = 20;

/**
 * Returns how many samples come before the first audible one; all of them when none is audible. What comes before the
 * samples counts as silence. Fewer samples than 20 ms are judged by the RMS of what is there.
 */
export function samplesBeforeSound(samples: Int16Array, rateHz: number): number {
  const { length } = samples;
  const window = Math.min(length, Math.max(1, Math.round((rateHz * WINDOW_MS) / 1000)));
  const enough = AUDIBLE_RMS * AUDIBLE_RMS * window;
  let energy = 0;
  for (let at = 0; at < length; at += 1) {
    const sample = samples[at] as number;
    const left = at < window ? 0 : (samples[at - window] as number);
    energy += sample * sample - left * left;
    if (energy >= enough) return onset(samples, Math.max(0, at - window + 1), at);
  }
  return length;
}

function onset(samples: Int16Array, from: number, to: number): number {
  for (let at = from; at < to; at += 1) if (Math.abs(samples[at] as number) >= ONSET) return at;
  return to;
}
