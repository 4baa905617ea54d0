/**
 * The agent's greeting: what comes before the caller's first words, and is never a turn.
 * It is over when it was played out and 1 s passed without audio: its text comes before its audio and ends nothing.
 */

import type { CallRecord } from "./record.ts";
import type { Rules } from "./rules.ts";

/** How long no audio must have come before a played-out greeting is over, in ms. */
const QUIET_MS = 1000;

/** Waits for one greeting. */
export class Greeting {
  private readonly timeoutMs: number;
  private readonly hesitationMs: number;
  private connectedAtMs = 0;
  private firstAudioAtMs: number | null = null;
  private lastAudioAtMs = 0;
  private missing = false;

  constructor({ greetingTimeoutMs, hesitationMs }: Pick<Rules, "greetingTimeoutMs" | "hesitationMs">) {
    this.timeoutMs = greetingTimeoutMs;
    this.hesitationMs = hesitationMs;
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

  /** Takes audio; what comes after the deadline is no greeting any more. */
  hear(nowMs: number): void {
    if (this.missing) return;
    this.firstAudioAtMs ??= nowMs;
    this.lastAudioAtMs = nowMs;
  }

  /** Takes a close in mid-greeting: a wait that a close ends is recorded as the whole deadline. */
  breakOff(): void {
    this.missing = this.firstAudioAtMs === null && this.timeoutMs > 0;
  }

  /** Says whether the caller may speak; `playedOut` when nothing that arrived is still to be heard. */
  isOver(playedOut: boolean, nowMs: number): boolean {
    const heardOut = this.firstAudioAtMs !== null && playedOut;
    if (heardOut && nowMs - this.lastAudioAtMs >= QUIET_MS + this.hesitationMs) return true;
    const overdueMs = nowMs - this.connectedAtMs - this.timeoutMs;
    if (overdueMs >= 0) this.breakOff();
    return overdueMs >= this.hesitationMs;
  }
}
