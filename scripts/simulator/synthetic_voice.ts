/**
 * The agent's synthetic voice: 16-bit mono PCM of a noisy hum without words, whose level changes like that of speech. So its
 * base64 contains words by chance, as that of real audio does.
 */

import { seeded } from "./random.ts";

const POOL_SEC = 4;

/** Makes a hum with noise whose level rises and falls as syllables do. */
function synthesise(rateHz: number): Int16Array {
  const random = seeded(rateHz);
  return Int16Array.from({ length: POOL_SEC * rateHz }, (_, index) => {
    const sec = index / rateHz;
    const syllable = 0.55 + 0.45 * Math.sin(2 * Math.PI * 4 * sec) * Math.sin(2 * Math.PI * 0.7 * sec);
    const tone = [1, 2, 3, 5].reduce((sum, k) => sum + Math.sin(2 * Math.PI * 140 * k * sec + k) / k, 0);
    return Math.round(syllable * (3000 * tone + 2500 * (random() - 0.5)));
  });
}

/** The audio at one sample rate, shared by all calls: a pool of 4 s from which frames are cut. */
export class SyntheticVoice {
  private readonly pool: Buffer;
  private readonly rateHz: number;
  private readonly framesBySize = new Map<number, readonly string[]>();

  constructor(rateHz: number) {
    this.rateHz = rateHz;
    this.pool = Buffer.from(synthesise(rateHz).buffer);
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

const voices = new Map<number, SyntheticVoice>();

/** The voice at a sample rate. */
export function voiceAt(rateHz: number): SyntheticVoice {
  const voice = voices.get(rateHz) ?? new SyntheticVoice(rateHz);
  voices.set(rateHz, voice);
  return voice;
}
