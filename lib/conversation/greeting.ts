/**
 * The agent's greeting: what comes before the caller's first words, and is never a turn.
 * It is over when it was played out and 1 s passed without audio: its text comes before its audio and ends nothing.
 */

import type { CallRecord } from "../metrics/records.ts";
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

  /** Takes audio; what first comes after the deadline is no greeting any more. */
  hear(nowMs: number): void {
    const overdue = this.timeoutMs > 0 && nowMs >= this.connectedAtMs + this.timeoutMs;
    if (this.firstAudioAtMs === null && overdue) return;
    this.firstAudioAtMs ??= nowMs;
    this.lastAudioAtMs = nowMs;
  }

  /** Takes the end of the wait, its own or by a close: without audio it is recorded as the whole deadline. */
  end(): void {
    this.missing = this.firstAudioAtMs === null && this.timeoutMs > 0;
  }

  /** The instant at which the caller may speak if nothing more arrives; `playedOutAtMs`: all that arrived is heard. */
  overAtMs(playedOutAtMs: number): number {
    const deadlineAtMs = this.connectedAtMs + this.timeoutMs + this.hesitationMs;
    if (this.firstAudioAtMs === null) return deadlineAtMs;
    return Math.min(deadlineAtMs, Math.max(playedOutAtMs, this.lastAudioAtMs + QUIET_MS) + this.hesitationMs);
  }
}
