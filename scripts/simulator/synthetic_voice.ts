/** The agent's voice: audio that sounds like nothing but looks like speech, so that its base64 holds chance words. */

import { seeded } from "./random.ts";

const POOL_SEC = 4;

/** Makes 16-bit mono PCM of a hummed, noisy voice whose level rises and falls as syllables do. */
function hum(rateHz: number): Int16Array {
  const random = seeded(rateHz);
  return Int16Array.from({ length: POOL_SEC * rateHz }, (_, index) => {
    const sec = index / rateHz;
    const syllable = 0.55 + 0.45 * Math.sin(2 * Math.PI * 4 * sec) * Math.sin(2 * Math.PI * 0.7 * sec);
    const tone = [1, 2, 3, 5].reduce((sum, k) => sum + Math.sin(2 * Math.PI * 140 * k * sec + k) / k, 0);
    return Math.round(syllable * (3000 * tone + 2500 * (random() - 0.5)));
  });
}

/** One rate's audio, used by all calls. */
export class Voice {
  private readonly pool: Buffer;
  private readonly rateHz: number;
  private readonly whole = new Map<number, readonly string[]>();

  constructor(rateHz: number) {
    this.rateHz = rateHz;
    this.pool = Buffer.from(hum(rateHz).buffer);
  }

  /** Bytes of so many ms of audio, whole samples. */
  bytes(ms: number): number {
    return Math.round((ms / 1000) * this.rateHz) * 2;
  }

  /** Length of so many bytes, in ms. */
  ms(bytes: number): number {
    return (bytes / 2 / this.rateHz) * 1000;
  }

  /** The base64 of a frame of a size that is used again and again, cut once; `index` walks through the voice. */
  frame(bytes: number, index: number): string {
    let frames = this.whole.get(bytes);
    if (frames === undefined) {
      const count = Math.floor(this.pool.length / bytes);
      frames = Array.from({ length: count }, (_, at) => this.pool.toString("base64", at * bytes, (at + 1) * bytes));
      this.whole.set(bytes, frames);
    }
    return frames[index % frames.length] ?? "";
  }

  /** The base64 of a piece of any size, at most 4 s. */
  piece(bytes: number, index: number): string {
    const from = (index * 1999 * 2) % Math.max(2, this.pool.length - bytes);
    return this.pool.toString("base64", from, from + bytes);
  }
}

const voices = new Map<number, Voice>();

/** The voice of a rate. */
export function voiceAt(rateHz: number): Voice {
  const voice = voices.get(rateHz) ?? new Voice(rateHz);
  voices.set(rateHz, voice);
  return voice;
}
