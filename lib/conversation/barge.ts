/**
 * One barge-in: the caller speaks while a reply is playing, and the agent owes a stop message. Only the first stop counts:
 * agents send stops on every partial and at every speech start.
 */

import type { BargeOutcome } from "../metrics/records.ts";

/** A stop sooner than this after the first interrupting frame, in ms, answers something else where the caller speaks. */
const TOO_SOON_MS = 60;

/** A reply that ends sooner than this after the interruption began, in ms, ended before the agent could detect it. */
const UNNOTICED_MS = 500;

/** Audio sooner than this after the stop, in ms, was being sent when the agent stopped: an agent does not take back a message. */
const BEING_SENT_MS = 100;

/** The result of a barge-in. */
export interface BargeResult {
  readonly outcome: BargeOutcome;
  /** First interrupting frame to the stop, or the time waited for it; null where there is no number. */
  readonly ms: number | null;
  readonly stopAtMs: number | null;
}

/** Waits for the stop that answers one interruption. */
export class Barge {
  readonly atMs: number;
  private owed: boolean;
  private readonly byWords: boolean;
  private readonly countsLastAudio: boolean;
  private cancelledAtMs: number | null = null;
  private lastAudioAtMs: number | null = null;
  private tooSoon = false;

  /** Audio of the old reply that arrived after the stop, in ms. */
  overrunMs = 0;
  result: BargeResult | null = null;

  /**
   * `owed`: the agent must answer with a stop. `byWords`: it must listen first; a pressed digit it knows at once. `countsLastAudio`:
   * it never sends a stop, and its last audio counts instead.
   */
  constructor(atMs: number, rules: { owed: boolean; byWords: boolean; countsLastAudio: boolean }) {
    this.atMs = atMs;
    this.owed = rules.owed;
    this.byWords = rules.byWords;
    this.countsLastAudio = rules.countsLastAudio;
  }

  /** Adds a stop message. */
  stop(nowMs: number): void {
    if (this.result !== null) return;
    if (this.byWords && nowMs - this.atMs < TOO_SOON_MS) this.tooSoon = true;
    else this.result = { outcome: "stopped", ms: nowMs - this.atMs, stopAtMs: nowMs };
  }

  /** Adds the message that the reply was cancelled: it counts where the stop was lost in a race of the agent. */
  cancelled(nowMs: number): void {
    this.cancelledAtMs ??= nowMs;
  }

  /** Adds the structured end of a reply whose agent owes no stop once it has sent the whole reply. */
  ended(nowMs: number): void {
    if (nowMs - this.atMs <= UNNOTICED_MS) this.owed = false;
  }

  /** Adds audio of the interrupted reply. */
  addAudio(ms: number, nowMs: number): void {
    this.lastAudioAtMs = nowMs;
    if (this.result?.outcome === "stopped") this.overrunMs += ms;
  }

  /** True for audio at this instant that was being sent when the agent stopped. */
  wasBeingSent(atMs: number): boolean {
    const stopAtMs = this.result?.stopAtMs ?? null;
    return stopAtMs !== null && atMs - stopAtMs < BEING_SENT_MS;
  }

  /** Ends the wait; a missing stop is recorded as `waitedMs`. */
  giveUp(waitedMs: number): void {
    if (this.result !== null) return;
    const evidenceAtMs = this.cancelledAtMs ?? (this.countsLastAudio ? this.lastAudioAtMs : null);
    if (evidenceAtMs !== null) {
      this.result = { outcome: "stopped", ms: evidenceAtMs - this.atMs, stopAtMs: evidenceAtMs };
    } else if (this.tooSoon) {
      this.result = { outcome: "too_soon", ms: null, stopAtMs: null };
    } else if (this.owed) {
      this.result = { outcome: "timeout", ms: waitedMs, stopAtMs: null };
    } else {
      this.result = { outcome: "unobserved", ms: null, stopAtMs: null };
    }
  }
}
