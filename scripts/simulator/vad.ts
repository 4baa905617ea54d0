/**
 * Voice activity detection (VAD): finds speech in 16-bit mono samples, whatever the length of their frames. A 20 ms window is
 * loud when its RMS is at least 200. A segment with less than 250 ms of loud windows is a click and not speech.
 *
 * Durations are counted in received audio, so a lost frame shortens a segment. Instants are arrival times of frames.
 */

/** A stretch of loud audio, with its short pauses, between two silences. */
export interface Segment {
  /** When its first loud window arrived. */
  readonly startAtMs: number;
  /** When its last loud window so far arrived. */
  readonly endAtMs: number;
  /** Length of the audio after its first loud window, pauses included. */
  readonly durationMs: number;
  /** Length of its loud windows. */
  readonly loudMs: number;
  /** Quiet audio since its last loud window. */
  readonly quietMs: number;
  /** The digits that were pressed in it. */
  readonly digits: string;
}

/** Loud audio that a segment must have to be speech, in ms. */
export const MIN_SPEECH_MS = 250;

const LOUD_RMS = 200;
const WINDOW_MS = 20;

/** Whether a segment is long enough to be speech. */
export function isSpeech(segment: Segment): boolean {
  return segment.loudMs >= MIN_SPEECH_MS;
}

/** Detects speech in the audio of one caller. */
export class Vad {
  private readonly window: Int16Array;
  private filled = 0;
  private current: Segment | null = null;

  constructor(rateHz: number) {
    this.window = new Int16Array((rateHz * WINDOW_MS) / 1000);
  }

  /** The segment in progress, or null in silence. */
  get segment(): Segment | null {
    return this.current;
  }

  /** Takes samples that arrived at an instant. Returns for each window that they complete whether it is loud. */
  process(samples: Int16Array, atMs: number): boolean[] {
    const windows: boolean[] = [];
    for (let from = 0; from < samples.length; ) {
      const taken = samples.subarray(from, from + this.window.length - this.filled);
      this.window.set(taken, this.filled);
      this.filled += taken.length;
      from += taken.length;
      if (this.filled === this.window.length) windows.push(this.processWindow(atMs));
    }
    return windows;
  }

  /** Takes a digit that was pressed at an instant: it is as loud as speech that is long enough. */
  press(digit: string, atMs: number): void {
    const { digits, durationMs, loudMs, startAtMs } = this.current ?? newSegment(atMs);
    const speechMs = Math.max(loudMs, MIN_SPEECH_MS);
    this.current = { startAtMs, endAtMs: atMs, durationMs, loudMs: speechMs, quietMs: 0, digits: digits + digit };
  }

  /** Ends the segment in progress: the next loud window begins another one. */
  endSegment(): void {
    this.current = null;
  }

  private processWindow(atMs: number): boolean {
    this.filled = 0;
    const isLoud = rms(this.window) >= LOUD_RMS;
    const { current } = this;
    if (current === null) {
      if (isLoud) this.current = { ...newSegment(atMs), loudMs: WINDOW_MS };
      return isLoud;
    }
    const durationMs = current.durationMs + WINDOW_MS;
    this.current = isLoud
      ? { ...current, durationMs, endAtMs: atMs, loudMs: current.loudMs + WINDOW_MS, quietMs: 0 }
      : { ...current, durationMs, quietMs: current.quietMs + WINDOW_MS };
    return isLoud;
  }
}

function newSegment(atMs: number): Segment {
  return { startAtMs: atMs, endAtMs: atMs, durationMs: 0, loudMs: 0, quietMs: 0, digits: "" };
}

function rms(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / samples.length);
}
