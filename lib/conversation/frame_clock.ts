/**
 * The frame clock of one call: says which 20 ms slots are due, and measures how late the caller sends them.
 *
 * Slot k is due k frames after slot 0, which goes out with the first tick. Ticks may be late or lost, audio may not be: each
 * tick sends every slot that is due by the clock. The lateness of the slots is the lateness of this caller, and a time that was
 * measured while the caller was late is not the agent's.
 */

import { LATE_MS } from "../metrics/late.ts";
import type { CallRecord, HealthRecord } from "../metrics/records.ts";
import type { Rules } from "./rules.ts";

/** Two ticks further apart than this, in ms, or a clock that runs backwards, are a step of the clock. */
const CLOCK_STEP_MS = 1000;

/** Messages that arrive without a pause for longer than this, in ms, are a stream and not a burst: only its end is judged. */
const LONGEST_READING_MS = 100;

/** A span in which frames or messages had to wait for the caller, in ms of the call's time. */
interface LateSpan {
  /** The tick before the span: a message may have waited since then, which is longer than any frame did. */
  readonly sinceMs: number;
  /** When the frame that went out at `toMs` was due. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Counts the due slots of one call. */
export interface FrameClock {
  /** Starts the clock; slot 0 is due at `dueAtMs`. */
  open(dueAtMs: number): void;
  /** Converts the caller's clock into the call's time, which never runs backwards. */
  time(clockMs: number): number;
  /** Returns how many frames to send at this tick, and counts them as sent. */
  tick(nowMs: number): number;
  /** A tick that is later than this, in ms, must go through `tick`. */
  readonly lateFromMs: number;
  /**
   * The window in which ticks that are on time need not go through `tick`: when its first slot is due, and when it ends, at
   * `untilMs` or before it when a second of health ends. The argument is in the call's time, the result on the caller's clock.
   * The window is empty before the first tick.
   */
  idleWindow(untilMs: number): { readonly dueAtMs: number; readonly untilMs: number };
  /** Counts slots that were sent in the idle window, one per tick: their worst lateness, and the caller's clock at the last. */
  countIdleTicks(slots: number, worstMs: number, lastAtMs: number): void;
  /** True when the caller was late between the instants or close to one of them: what it saw then it saw late, or caused. */
  wasLateBetween(fromMs: number, toMs: number): boolean;
  /**
   * True when a message that was seen at `seenAtMs`, the last of a burst that was read from `readFromMs` on, may have waited for
   * more than LATE_MS. A caller that was blocked right after a tick is later with a message than with its next frame, and one
   * that was blocked while it read a burst is later with the last message than with the first.
   */
  mayHaveWaited(readFromMs: number, seenAtMs: number): boolean;
  /** Forgets the late spans that ended before the instant. */
  forgetLateBefore(atMs: number): void;
  /** Returns the health since the last call of this method. */
  takeHealth(): HealthRecord;
  /** The clock's part of the call's record; `framesDue` counts the frames of a caller that was never late. */
  record(): Pick<CallRecord, "framesDue" | "framesSent" | "worstLagMs"> & HealthRecord;
}

/** Makes the frame clock of one call. */
export function makeFrameClock({ frameMs, healthFromMs }: Pick<Rules, "frameMs" | "healthFromMs">): FrameClock {
  const lateFromMs = Math.min(frameMs / 2, LATE_MS);
  let openedAtMs = 0;
  let nextSlot = 0;
  let skewMs = 0;
  let rawMs = Number.NEGATIVE_INFINITY;
  let lastTickAtMs = 0;
  let secondEndsAtMs = 0;
  let worstInSecondMs = 0;
  let worstLagMs = 0;
  let lagMs: number[] = [];
  let rampUpLagMs: number[] = [];
  let clockSteps = 0;
  let skippedSlots = 0;
  let lateSpans: LateSpan[] = [];

  const judge = (latenessMs: number, sinceMs: number, nowMs: number) => {
    if (latenessMs > worstInSecondMs) worstInSecondMs = latenessMs;
    const wasBlocked = latenessMs > lateFromMs && nowMs - sinceMs > LATE_MS - lateFromMs;
    if (wasBlocked || latenessMs > LATE_MS) lateSpans.push({ sinceMs, fromMs: nowMs - latenessMs, toMs: nowMs });
  };

  /** The timer runs from its first tick on, so the slots do too: only the first tick is judged by the instant given to `open`. */
  const begin = (nowMs: number) => {
    judge(nowMs - openedAtMs, openedAtMs, nowMs);
    openedAtMs = nowMs;
    lastTickAtMs = nowMs;
  };

  /** After a suspend of the machine an hour of frames must not go out at once: the slots move, the frames stay due. */
  const skip = (sinceLastMs: number, nowMs: number) => {
    clockSteps += 1;
    judge(sinceLastMs, nowMs - sinceLastMs, nowMs);
    const lost = Math.max(0, Math.floor((nowMs - openedAtMs) / frameMs) - nextSlot);
    skippedSlots += lost;
    openedAtMs += lost * frameMs;
  };

  const noteWorst = () => {
    worstLagMs = Math.max(worstLagMs, worstInSecondMs);
  };

  const closeSeconds = (nowMs: number) => {
    if (nowMs < secondEndsAtMs) return;
    const seconds = secondEndsAtMs > healthFromMs ? lagMs : rampUpLagMs;
    seconds.push(Math.round(worstInSecondMs * 10) / 10);
    noteWorst();
    worstInSecondMs = 0;
    secondEndsAtMs += 1000 * (1 + Math.floor((nowMs - secondEndsAtMs) / 1000));
  };

  const tick = (nowMs: number) => {
    if (nextSlot === 0) begin(nowMs);
    const sinceLastMs = nowMs - lastTickAtMs;
    lastTickAtMs = nowMs;
    if (sinceLastMs > CLOCK_STEP_MS) skip(sinceLastMs, nowMs);
    closeSeconds(nowMs);
    // Half a frame early counts as due: the timer that ticks and the clock that is read drift apart.
    const dueSlots = Math.floor((nowMs - openedAtMs) / frameMs + 0.5) + 1;
    const frames = dueSlots - nextSlot;
    if (frames <= 0) return 0;
    judge(nowMs - (openedAtMs + nextSlot * frameMs), nowMs - sinceLastMs, nowMs);
    nextSlot = dueSlots;
    return frames;
  };

  const takeHealth = () => {
    const health = { lagMs, rampUpLagMs, clockSteps };
    lagMs = [];
    rampUpLagMs = [];
    clockSteps = 0;
    return health;
  };

  return {
    open(dueAtMs) {
      openedAtMs = dueAtMs;
      secondEndsAtMs = dueAtMs + 1000;
    },
    time(clockMs) {
      if (clockMs < rawMs) {
        skewMs += rawMs - clockMs;
        clockSteps += 1;
      }
      rawMs = clockMs;
      return clockMs + skewMs;
    },
    tick,
    lateFromMs,
    idleWindow: (untilMs) => ({
      dueAtMs: openedAtMs + nextSlot * frameMs - skewMs,
      untilMs: (nextSlot === 0 ? Number.NEGATIVE_INFINITY : Math.min(untilMs, secondEndsAtMs)) - skewMs,
    }),
    countIdleTicks(slots, worstMs, lastAtMs) {
      nextSlot += slots;
      if (worstMs > worstInSecondMs) worstInSecondMs = worstMs;
      rawMs = lastAtMs;
      lastTickAtMs = lastAtMs + skewMs;
    },
    wasLateBetween: (beginMs, endMs) =>
      lateSpans.some(
        ({ fromMs, toMs }) => toMs - fromMs > LATE_MS && endMs >= fromMs - frameMs && beginMs <= toMs + frameMs,
      ),
    mayHaveWaited(readFromMs, seenAtMs) {
      const fromMs = Math.max(readFromMs, seenAtMs - LONGEST_READING_MS);
      return lateSpans.some(
        ({ sinceMs, toMs }) =>
          toMs >= fromMs - lateFromMs && sinceMs < seenAtMs && seenAtMs - Math.min(fromMs, sinceMs) > LATE_MS,
      );
    },
    forgetLateBefore(atMs) {
      if (lateSpans.length > 0) lateSpans = lateSpans.filter(({ toMs }) => toMs + frameMs >= atMs);
    },
    takeHealth,
    record() {
      noteWorst();
      return { framesDue: nextSlot + skippedSlots, framesSent: nextSlot, worstLagMs, ...takeHealth() };
    },
  };
}
