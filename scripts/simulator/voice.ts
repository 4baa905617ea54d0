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

/** One rate's audio, cut into base64 frames once and used by all calls. */
export class Voice {
  private readonly pool: Buffer;
  private readonly rateHz: number;
  private readonly frames: readonly string[];

  constructor(rateHz: number, frameBytes: number) {
    this.rateHz = rateHz;
    this.pool = Buffer.from(hum(rateHz).buffer);
    const count = Math.floor(this.pool.length / frameBytes);
    this.frames = Array.from({ length: count }, (_, at) =>
      this.pool.toString("base64", at * frameBytes, (at + 1) * frameBytes),
    );
  }

  /** Bytes of so many ms of audio, whole samples. */
  bytes(ms: number): number {
    return Math.round((ms / 1000) * this.rateHz) * 2;
  }

  /** The base64 of a whole frame; `index` walks through the voice. */
  frame(index: number): string {
    return this.frames[index % this.frames.length] ?? "";
  }

  /** The base64 of a last, shorter frame. */
  tail(bytes: number): string {
    return this.pool.toString("base64", 0, bytes);
  }
}
