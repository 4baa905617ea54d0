/**
 * The agent's greeting: what comes before the caller's first words, and is never a turn.
 * It is over when it was played out and 1 s passed without audio: its text comes before its audio and ends nothing.
 */

import type { CallRecord } from "./record.ts";

/** How long no audio must have come before a played-out greeting is over, in ms. */
const QUIET_MS = 1000;

/** Waits for one greeting. */
export class Greeting {
  private readonly timeoutMs: number;
  private connectedAtMs = 0;
  private firstAudioAtMs: number | null = null;
  private lastAudioAtMs = 0;
  private missing = false;

  /** `timeoutMs` 0: the agent has no greeting. */
  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
  }

  /**
   * What the greeting leaves in the call's record: connected to first audio, in ms; the whole deadline where
   * none came, null where none was awaited so long.
   */
  record(): Pick<CallRecord, "connectedAtMs" | "greetingMs" | "greetingTimedOut"> {
    const waitedMs = this.missing ? this.timeoutMs : null;
    const greetingMs = this.firstAudioAtMs === null ? waitedMs : this.firstAudioAtMs - this.connectedAtMs;
    return { connectedAtMs: this.connectedAtMs, greetingMs, greetingTimedOut: this.missing };
  }

  open(nowMs: number): void {
    this.connectedAtMs = nowMs;
  }

  hear(nowMs: number): void {
    this.firstAudioAtMs ??= nowMs;
    this.lastAudioAtMs = nowMs;
  }

  /** Takes a close in mid-greeting: a wait that a close ends is recorded as the whole deadline. */
  breakOff(): void {
    this.missing = this.firstAudioAtMs === null && this.timeoutMs > 0;
  }

  /** Says whether the caller may speak; `playedOut` when nothing that arrived is still to be heard. */
  isOver(playedOut: boolean, nowMs: number): boolean {
    if (this.firstAudioAtMs !== null && playedOut && nowMs - this.lastAudioAtMs >= QUIET_MS) return true;
    if (nowMs - this.connectedAtMs < this.timeoutMs) return false;
    this.breakOff();
    return true;
  }
}
