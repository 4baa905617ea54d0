/**
 * The slot grid of one call, and the health of whoever keeps it.
 *
 * Slot k is due k frames after the first one, which goes out with the first tick. Ticks may be late or lost, audio may not: each tick sends every slot
 * that is due by the clock. How late the slots went says how late this caller was, and a number that
 * was taken while the caller was late is not a number of the agent's.
 */

import type { CallRecord, HealthRecord } from "./record.ts";
import type { Rules } from "./rules.ts";

/** A frame that goes out later than this taints what was measured around it, in ms. */
export const LATE_MS = 40;

/** Two ticks further apart than this, in ms, or a clock that runs backwards, are a step of the clock. */
const CLOCK_STEP_MS = 1000;

/** A span of caller time during which nothing was sent or heard, in ms on the caller's clock. */
interface LateSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Counts the due slots of one call. */
export class Line {
  private readonly frameMs: number;
  private readonly halfFrameMs: number;
  private readonly healthFromMs: number;
  private openedAtMs = 0;
  private nextSlot = 0;
  private skewMs = 0;
  private rawMs = Number.NEGATIVE_INFINITY;
  private lastTickAtMs = 0;
  private secondEndsAtMs = 0;
  private nextDueAtMs = 0;
  private worstInSecondMs = 0;
  private lagMs: number[] = [];
  private rampUpLagMs: number[] = [];
  private clockSteps = 0;
  private lateSpans: LateSpan[] = [];
  private worstLagMs = 0;
  private skippedSlots = 0;

  constructor({ frameMs, healthFromMs }: Pick<Rules, "frameMs" | "healthFromMs">) {
    this.frameMs = frameMs;
    this.halfFrameMs = frameMs / 2;
    this.healthFromMs = healthFromMs;
  }

  /** Opens the line; its first slot is due at the instant. */
  open(dueAtMs: number): void {
    this.openedAtMs = dueAtMs;
    this.secondEndsAtMs = dueAtMs + 1000;
  }

  /** Turns the clock's time into the call's time, which never runs backwards. */
  time(clockMs: number): number {
    if (clockMs < this.rawMs) {
      this.skewMs += this.rawMs - clockMs;
      this.clockSteps += 1;
    }
    this.rawMs = clockMs;
    return clockMs + this.skewMs;
  }

  /** Returns how many frames to send at this tick, and takes them as sent. */
  tick(nowMs: number): number {
    const lateMs = nowMs - this.nextDueAtMs;
    const isSteady = lateMs >= 0 && lateMs < this.halfFrameMs && nowMs < this.secondEndsAtMs && this.nextSlot > 0;
    if (!isSteady) return this.catchUp(nowMs);
    this.lastTickAtMs = nowMs;
    this.nextSlot += 1;
    this.nextDueAtMs += this.frameMs;
    if (lateMs > this.worstInSecondMs) this.worstInSecondMs = lateMs;
    return 1;
  }

  /** A tick that is the first, early, late or the first of a second. */
  private catchUp(nowMs: number): number {
    if (this.nextSlot === 0) this.begin(nowMs);
    const sinceLastMs = nowMs - this.lastTickAtMs;
    this.lastTickAtMs = nowMs;
    if (sinceLastMs > CLOCK_STEP_MS) this.skip(sinceLastMs, nowMs);
    this.closeSeconds(nowMs);
    // Half a frame early counts as due: the timer that ticks and the clock that is read drift apart.
    const dueSlots = Math.floor((nowMs - this.openedAtMs) / this.frameMs + 0.5) + 1;
    const frames = dueSlots - this.nextSlot;
    if (frames <= 0) return 0;
    this.judge(nowMs - (this.openedAtMs + this.nextSlot * this.frameMs), nowMs);
    this.nextSlot = dueSlots;
    this.nextDueAtMs = this.openedAtMs + dueSlots * this.frameMs;
    return frames;
  }

  /** True when the caller was late around the instant: what was seen then was seen late. */
  wasLateAround(atMs: number): boolean {
    return this.lateSpans.some((span) => atMs >= span.fromMs - this.frameMs && atMs <= span.toMs + this.frameMs);
  }

  /** Forgets the late spans that ended before the instant. */
  forgetLateBefore(atMs: number): void {
    if (this.lateSpans.length > 0) this.lateSpans = this.lateSpans.filter((span) => span.toMs + this.frameMs >= atMs);
  }

  /** Hands over the health since the last call of this method. */
  takeHealth(): HealthRecord {
    const health = { lagMs: this.lagMs, rampUpLagMs: this.rampUpLagMs, clockSteps: this.clockSteps };
    this.lagMs = [];
    this.rampUpLagMs = [];
    this.clockSteps = 0;
    return health;
  }

  /** What the line leaves in the call's record; frames due are those of a caller who was never late. */
  record(): Pick<CallRecord, "framesDue" | "framesSent" | "worstLagMs"> & HealthRecord {
    const framesDue = this.nextSlot + this.skippedSlots;
    this.noteWorst();
    return { framesDue, framesSent: this.nextSlot, worstLagMs: this.worstLagMs, ...this.takeHealth() };
  }

  /** The timer that ticks runs from its first tick on: the grid does too, and only that tick can be late by it. */
  private begin(nowMs: number): void {
    this.judge(nowMs - this.openedAtMs, nowMs);
    this.openedAtMs = nowMs;
    this.lastTickAtMs = nowMs;
  }

  private judge(latenessMs: number, nowMs: number): void {
    const lagMs = Math.max(0, latenessMs);
    if (lagMs > this.worstInSecondMs) this.worstInSecondMs = lagMs;
    if (lagMs > LATE_MS) this.lateSpans.push({ fromMs: nowMs - lagMs, toMs: nowMs });
  }

  /** A machine that slept must not send an hour of frames at once: the grid moves, the frames stay due. */
  private skip(sinceLastMs: number, nowMs: number): void {
    this.clockSteps += 1;
    this.judge(sinceLastMs, nowMs);
    const lost = Math.max(0, Math.floor((nowMs - this.openedAtMs) / this.frameMs) - this.nextSlot);
    this.skippedSlots += lost;
    this.openedAtMs += lost * this.frameMs;
  }

  private noteWorst(): void {
    if (this.worstInSecondMs > this.worstLagMs) this.worstLagMs = this.worstInSecondMs;
  }

  private closeSeconds(nowMs: number): void {
    if (nowMs < this.secondEndsAtMs) return;
    const lagMs = this.secondEndsAtMs > this.healthFromMs ? this.lagMs : this.rampUpLagMs;
    lagMs.push(Math.round(this.worstInSecondMs * 10) / 10);
    this.noteWorst();
    this.worstInSecondMs = 0;
    this.secondEndsAtMs += 1000 * (1 + Math.floor((nowMs - this.secondEndsAtMs) / 1000));
  }
}
