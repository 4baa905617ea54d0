/**
 * Files whose speech is known: speech of the offline voice, known silence around it, and white noise over all of it.
 * What `findSpeech` finds in them is compared with where the speech is.
 */

import { findSpeech, rms } from "../../lib/audio/pcm.ts";
import { FLITE_RATE_HZ, Flite } from "./flite.ts";

/** How a file ends: in 200 ms or 800 ms of silence, or in mid-word. */
export const ENDINGS = ["200 ms", "800 ms", "mid-word"] as const;

/** Signal to noise in dB; Infinity: clean. */
export const SNRS_DB = [Number.POSITIVE_INFINITY, 30, 20] as const;

/** A file, and the speech in it, in samples; `end` is exclusive. */
export interface KnownFile {
  readonly ending: (typeof ENDINGS)[number];
  readonly samples: Int16Array;
  readonly start: number;
  readonly end: number;
}

const MS = FLITE_RATE_HZ / 1000;
const FRAME = 20 * MS;
const SPEECH_RMS = 200;
const VOWEL_RMS = 1000;

/** Speaks texts and cuts each to its frames of RMS 200 and more, as an ear hears them that knows of no noise. */
export async function knownSpeech(texts: readonly string[], voices: readonly string[]): Promise<Int16Array[]> {
  const flite = new Flite();
  const all: Int16Array[] = [];
  for (const text of texts)
    for (const voice of voices)
      all.push(cutToSpeech(new Int16Array(new Uint8Array(await flite.speak(text, voice)).buffer)));
  return all;
}

function cutToSpeech(samples: Int16Array): Int16Array {
  const isLoud = (at: number) => rms(samples, at, at + FRAME) >= SPEECH_RMS;
  let start = 0;
  while (!isLoud(start)) start += FRAME;
  let end = Math.floor(samples.length / FRAME) * FRAME;
  while (!isLoud(end - FRAME)) end -= FRAME;
  return samples.slice(start, end);
}

/** Makes one file of each ending from each speech, with noise that is `snrDb` below the speech's RMS. */
export function knownFiles(speeches: readonly Int16Array[], snrDb: number, seed = 1): KnownFile[] {
  const random = generator(seed);
  return speeches.flatMap((whole) =>
    ENDINGS.map((ending) => {
      const speech = ending === "mid-word" ? cutInVowel(whole) : whole;
      const before = Math.floor((60 + 100 * random()) * MS);
      const after = { "200 ms": Math.floor((200 + 20 * random()) * MS), "800 ms": 800 * MS, "mid-word": 0 }[ending];
      const noiseRms = rms(speech, 0, speech.length) / 10 ** (snrDb / 20);
      const samples = Int16Array.from({ length: before + speech.length + after }, (_, at) => {
        const sample = (speech[at - before] ?? 0) + noiseRms * gaussian(random);
        return Math.max(-32768, Math.min(32767, Math.round(sample)));
      });
      return { ending, samples, start: before, end: before + speech.length };
    }),
  );
}

/** Cuts where a vowel sounds, about two thirds into the speech. */
function cutInVowel(speech: Int16Array): Int16Array {
  let end = Math.floor(speech.length * 0.7);
  while (end > FRAME && rms(speech, end - FRAME, end) < VOWEL_RMS) end -= MS;
  return speech.slice(0, end);
}

/** How far the found ends of speech are from the true ones, in ms; negative: found too early. Throws when none is found. */
export function endErrorsMs(files: readonly KnownFile[]): number[] {
  return files.map(({ samples, end, ending }) => {
    const found = findSpeech(samples, FLITE_RATE_HZ);
    if (found === null) throw new Error(`a file that ends in ${ending}: expected speech, got none`);
    return (found.end - end) / MS;
  });
}

function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}

function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}
