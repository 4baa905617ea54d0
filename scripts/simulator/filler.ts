/**
 * Sends silence whenever the agent has nothing to say, as transports with a mixer do (`--silence always`): a frame of 20 ms in
 * each slot of 20 ms, from the opening of the call on. The slots follow the clock, so they never drift.
 *
 * Silence is sent no faster than it plays, so audio after it is heard when it is handed to the socket. That holds only if no
 * silence is sent ahead: a slot that was missed is not made up for, and speech that the caller still plays is waited for.
 */

import { QUIET_FRAME_MS } from "./audio_frames.ts";
import { now, runAt } from "./clock.ts";

/** A slot at the end of speech is used although the speech was handed over a little late. */
const TOLERANCE_MS = 1;

/** The silence of one call. */
export class Filler {
  private readonly sendFrame: () => void;
  private readonly startAtMs: number;
  /** The number of the next slot. */
  private slot = 0;
  private isSpeaking = false;
  private speechEndsAtMs = 0;
  private cancelTimer: () => void = () => {};

  /** The first slot begins at once. */
  constructor(sendFrame: () => void) {
    this.sendFrame = sendFrame;
    this.startAtMs = now();
    this.schedule();
  }

  /** Sends no silence until `resume`. Returns when speech may begin: in the next slot, or at once after speech. */
  pause(): number {
    this.isSpeaking = true;
    const nowMs = now();
    return nowMs < this.speechEndsAtMs ? nowMs : this.slotAtMs;
  }

  /** Speech was handed to the socket. */
  onSpeech(sentAtMs: number, durationMs: number): void {
    this.speechEndsAtMs = Math.max(this.speechEndsAtMs, sentAtMs) + durationMs;
  }

  /** Goes on with silence when the caller has played the speech. */
  resume(): void {
    this.isSpeaking = false;
  }

  /** The caller was told to drop the speech that it has not played. */
  dropSpeech(): void {
    this.speechEndsAtMs = 0;
  }

  close(): void {
    this.cancelTimer();
  }

  private get slotAtMs(): number {
    return this.startAtMs + this.slot * QUIET_FRAME_MS;
  }

  private schedule(): void {
    this.cancelTimer = runAt(this.slotAtMs, () => {
      const nowMs = now();
      const isMissed = nowMs - this.slotAtMs > QUIET_FRAME_MS / 2;
      const isPlayed = this.slotAtMs >= this.speechEndsAtMs - TOLERANCE_MS;
      if (!this.isSpeaking && !isMissed && isPlayed) this.sendFrame();
      this.slot = Math.max(this.slot + 1, Math.ceil((nowMs - this.startAtMs) / QUIET_FRAME_MS));
      this.schedule();
    });
  }
}
