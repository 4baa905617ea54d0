/**
 * The simulator's own ears: finds speech in samples, whatever frames they came in. A 20 ms window is loud when
 * its RMS is at least 200; what was loud for less than 250 ms in all was no word.
 *
 * Windows are counted in audio time, so a frame that was lost shortens what was heard; instants are arrivals.
 */

/** A stretch of sound between two silences. */
export interface Sound {
  /** When its first loud window arrived. */
  readonly startAtMs: number;
  /** When its last loud window so far arrived. */
  readonly endAtMs: number;
  /** Audio since it began, pauses included, in ms. */
  readonly ms: number;
  /** How much of it was loud, in ms. */
  readonly loudMs: number;
  /** Quiet audio since its last loud window, in ms. */
  readonly quietMs: number;
}

const LOUD_RMS = 200;
const WINDOW_MS = 20;
const SHORTEST_WORD_MS = 250;

/** True when the sound was long enough for a recogniser to hear words. */
export function isSpeech(sound: Sound): boolean {
  return sound.loudMs >= SHORTEST_WORD_MS;
}

/** Hears one caller. */
export class Ear {
  private readonly window: Int16Array;
  private filled = 0;
  private sound: Sound | null = null;

  constructor(rateHz: number) {
    this.window = new Int16Array((rateHz * WINDOW_MS) / 1000);
  }

  /** The sound that is going on, or null in silence. */
  get hearing(): Sound | null {
    return this.sound;
  }

  /** Takes samples that arrived at an instant; returns the level of each window that they completed. */
  hear(samples: Int16Array, atMs: number): boolean[] {
    const levels: boolean[] = [];
    for (let from = 0; from < samples.length; ) {
      const taken = samples.subarray(from, from + this.window.length - this.filled);
      this.window.set(taken, this.filled);
      this.filled += taken.length;
      from += taken.length;
      if (this.filled === this.window.length) levels.push(this.judge(atMs));
    }
    return levels;
  }

  /** The sound is over: what comes next is another one. */
  forget(): void {
    this.sound = null;
  }

  private judge(atMs: number): boolean {
    this.filled = 0;
    const loud = rms(this.window) >= LOUD_RMS;
    const { sound } = this;
    if (sound === null) {
      if (loud) this.sound = { startAtMs: atMs, endAtMs: atMs, ms: 0, loudMs: WINDOW_MS, quietMs: 0 };
    } else if (loud) {
      this.sound = { ...sound, endAtMs: atMs, ms: sound.ms + WINDOW_MS, loudMs: sound.loudMs + WINDOW_MS, quietMs: 0 };
    } else {
      this.sound = { ...sound, ms: sound.ms + WINDOW_MS, quietMs: sound.quietMs + WINDOW_MS };
    }
    return loud;
  }
}

function rms(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / samples.length);
}
