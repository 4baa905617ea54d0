/**
 * The sounds that the agent sends, as 16-bit mono PCM: its synthetic voice, and what is sent while it says nothing.
 *
 * The voice is a noisy hum without words, whose level changes like that of speech, so its base64 contains words by chance, as
 * that of real audio does. It is never so quiet that a caller could not hear its beginning: its RMS is above 33 (-60 dBFS) in
 * every 2 ms.
 */

import { type Random, seeded } from "./random.ts";

/** `noise` is the comfort noise of a line: steady, and too faint to be heard. */
export type SoundName = "voice" | "noise" | "silence";

const POOL_SEC = 4;

/** Comfort noise takes the values from -20 to 20: its RMS is 12, which is -69 dBFS. */
const NOISE_PEAK = 20;

/** Makes a sample of each sound. */
const SAMPLES: Readonly<Record<SoundName, (sec: number, random: Random) => number>> = {
  voice(sec, random) {
    const syllable = 0.55 + 0.45 * Math.sin(2 * Math.PI * 4 * sec) * Math.sin(2 * Math.PI * 0.7 * sec);
    const tone = [1, 2, 3, 5].reduce((sum, k) => sum + Math.sin(2 * Math.PI * 140 * k * sec + k) / k, 0);
    return Math.round(syllable * (3000 * tone + 2500 * (random() - 0.5)));
  },
  noise: (_, random) => Math.floor(random() * (2 * NOISE_PEAK + 1)) - NOISE_PEAK,
  silence: () => 0,
};

/** A sound at one sample rate, shared by all calls: a pool of 4 s from which frames are cut. */
export class Sound {
  private readonly pool: Buffer;
  private readonly rateHz: number;
  private readonly framesBySize = new Map<number, readonly string[]>();

  constructor(name: SoundName, rateHz: number) {
    const random = seeded(rateHz);
    const length = POOL_SEC * rateHz;
    this.rateHz = rateHz;
    this.pool = Buffer.from(Int16Array.from({ length }, (_, index) => SAMPLES[name](index / rateHz, random)).buffer);
  }

  /** The size of audio of this length, in whole samples. */
  bytesOf(durationMs: number): number {
    return Math.round((durationMs / 1000) * this.rateHz) * 2;
  }

  /** The length of audio of this size, in ms. */
  durationMsOf(bytes: number): number {
    return (bytes / 2 / this.rateHz) * 1000;
  }

  /** The base64 of the `index`-th frame of a size. For sizes that occur often: all frames of a size are cut once and kept. */
  frame(bytes: number, index: number): string {
    let frames = this.framesBySize.get(bytes);
    if (frames === undefined) {
      const count = Math.floor(this.pool.length / bytes);
      frames = Array.from({ length: count }, (_, at) => this.pool.toString("base64", at * bytes, (at + 1) * bytes));
      this.framesBySize.set(bytes, frames);
    }
    return frames[index % frames.length] ?? "";
  }

  /** The base64 of audio of any size up to 4 s. Its place in the pool follows from `index`. */
  chunk(bytes: number, index: number): string {
    const from = (index * 1999 * 2) % Math.max(2, this.pool.length - bytes);
    return this.pool.toString("base64", from, from + bytes);
  }
}

const sounds = new Map<string, Sound>();

/** A sound at a sample rate. */
export function soundAt(name: SoundName, rateHz: number): Sound {
  const key = `${name} ${rateHz}`;
  const sound = sounds.get(key) ?? new Sound(name, rateHz);
  sounds.set(key, sound);
  return sound;
}
