/**
 * Makes test audio with known boundaries of speech, and measures the errors of `findSpeech` on it. The audio is speech
 * of the offline voice between silences of known length, with white noise over all of it.
 */

import { findSpeech, rms } from "../../lib/audio/pcm.ts";
import { FLITE_RATE_HZ, Flite } from "./flite.ts";

/** How the audio ends: with 200 ms or 800 ms of silence, or within a word. */
export const ENDINGS = ["200 ms", "800 ms", "mid-word"] as const;

/** Signal-to-noise ratios in dB; Infinity: no noise. */
export const SNRS_DB = [Number.POSITIVE_INFINITY, 30, 20] as const;

/** Audio with the position of the speech in it, in samples; `end` is exclusive. */
export interface LabelledAudio {
  readonly ending: (typeof ENDINGS)[number];
  readonly samples: Int16Array;
  readonly start: number;
  readonly end: number;
}

const SAMPLES_PER_MS = FLITE_RATE_HZ / 1000;
const FRAME_SAMPLES = 20 * SAMPLES_PER_MS;
const SPEECH_RMS = 200;
const VOWEL_RMS = 1000;

/** Synthesises texts in all voices and trims each result to its frames with an RMS of 200 and more. */
export async function speakTrimmed(texts: readonly string[], voices: readonly string[]): Promise<Int16Array[]> {
  const flite = new Flite();
  const all: Int16Array[] = [];
  for (const text of texts)
    for (const voice of voices)
      all.push(trimToSpeech(new Int16Array(new Uint8Array(await flite.speak(text, voice)).buffer)));
  return all;
}

function trimToSpeech(samples: Int16Array): Int16Array {
  const isLoud = (at: number) => rms(samples, at, at + FRAME_SAMPLES) >= SPEECH_RMS;
  let start = 0;
  while (!isLoud(start)) start += FRAME_SAMPLES;
  let end = Math.floor(samples.length / FRAME_SAMPLES) * FRAME_SAMPLES;
  while (!isLoud(end - FRAME_SAMPLES)) end -= FRAME_SAMPLES;
  return samples.slice(start, end);
}

/** Makes audio with each ending from each speech, with noise that is `snrDb` below the RMS of the speech. */
export function makeLabelledAudio(speeches: readonly Int16Array[], snrDb: number, seed = 1): LabelledAudio[] {
  const random = makeRandom(seed);
  return speeches.flatMap((whole) =>
    ENDINGS.map((ending) => {
      const speech = ending === "mid-word" ? cutInVowel(whole) : whole;
      const before = Math.floor((60 + 100 * random()) * SAMPLES_PER_MS);
      const after = {
        "200 ms": Math.floor((200 + 20 * random()) * SAMPLES_PER_MS),
        "800 ms": 800 * SAMPLES_PER_MS,
        "mid-word": 0,
      }[ending];
      const noiseRms = rms(speech, 0, speech.length) / 10 ** (snrDb / 20);
      const samples = Int16Array.from({ length: before + speech.length + after }, (_, at) => {
        const sample = (speech[at - before] ?? 0) + noiseRms * gaussian(random);
        return Math.max(-32768, Math.min(32767, Math.round(sample)));
      });
      return { ending, samples, start: before, end: before + speech.length };
    }),
  );
}

/** Cuts within a vowel, about two thirds into the speech. */
function cutInVowel(speech: Int16Array): Int16Array {
  let end = Math.floor(speech.length * 0.7);
  while (end > FRAME_SAMPLES && rms(speech, end - FRAME_SAMPLES, end) < VOWEL_RMS) end -= SAMPLES_PER_MS;
  return speech.slice(0, end);
}

/** The errors of the detected ends of speech, in ms; negative: too early. Throws when no speech is detected. */
export function endErrorsMs(audio: readonly LabelledAudio[]): number[] {
  return audio.map(({ samples, end, ending }) => {
    const found = findSpeech(samples, FLITE_RATE_HZ);
    if (found === null) throw new Error(`a file that ends in ${ending}: expected speech, got none`);
    return (found.end - end) / SAMPLES_PER_MS;
  });
}

/** A linear congruential generator of numbers in (0, 1). */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}

/** A normally distributed number (Box-Muller). */
function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}
