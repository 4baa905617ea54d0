/**
 * The agent's greeting: the audible audio before the caller's first utterance. It is never a turn. It ends when it has been played out
 * and 1 s has passed without audio; its text envelope comes before its audio and is not an end.
 */

import type { CallRecord } from "../metrics/records.ts";
import type { AudioArrival } from "./audio_arrival.ts";
import type { Rules } from "./rules.ts";

/** Time without audio after which a greeting that has been played out is over, in ms. */
const QUIET_MS = 1000;

/** The greeting of one call. */
export class Greeting {
  private readonly timeoutMs: number;
  private readonly startDelayMs: number;
  private connectedAtMs = 0;
  private firstAudioAtMs: number | null = null;
  private lastAudioAtMs = 0;
  private missing = false;

  constructor({ greetingTimeoutMs, startDelayMs }: Pick<Rules, "greetingTimeoutMs" | "startDelayMs">) {
    this.timeoutMs = greetingTimeoutMs;
    this.startDelayMs = startDelayMs;
  }

  /**
   * The greeting's part of the call's record: connected to first audio, in ms. Where none came, the whole timeout; null where
   * none was expected, or the call ended first.
   */
  record(): Pick<CallRecord, "connectedAtMs" | "greetingMs" | "greetingTimedOut"> {
    const waitedMs = this.missing ? this.timeoutMs : null;
    const greetingMs = this.firstAudioAtMs === null ? waitedMs : this.firstAudioAtMs - this.connectedAtMs;
    return { connectedAtMs: this.connectedAtMs, greetingMs, greetingTimedOut: this.missing };
  }

  open(nowMs: number): void {
    this.connectedAtMs = nowMs;
  }

  /** Adds audible audio. Audio that first comes after the timeout is not a greeting. */
  addAudio({ atMs, audibleAtMs }: Pick<AudioArrival, "atMs" | "audibleAtMs">): void {
    const overdue = this.timeoutMs > 0 && atMs >= this.connectedAtMs + this.timeoutMs;
    if (this.firstAudioAtMs === null && overdue) return;
    this.firstAudioAtMs ??= audibleAtMs;
    this.lastAudioAtMs = atMs;
  }

  /** Ends the wait, at the timeout or at a close: without audio the whole timeout is recorded. */
  end(): void {
    this.missing = this.firstAudioAtMs === null && this.timeoutMs > 0;
  }

  /** When the caller may speak if nothing more arrives; `playedOutAtMs` is when all that has arrived will have been played. */
  overAtMs(playedOutAtMs: number): number {
    const deadlineAtMs = this.connectedAtMs + this.timeoutMs + this.startDelayMs;
    if (this.firstAudioAtMs === null) return deadlineAtMs;
    return Math.min(deadlineAtMs, Math.max(playedOutAtMs, this.lastAudioAtMs + QUIET_MS) + this.startDelayMs);
  }
}
