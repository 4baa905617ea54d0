/**
 * The slot grid of one call, and the health of whoever keeps it.
 *
 * Slot k is due k frames after the first one, which goes out with the first tick. Ticks may be late or lost, audio may not: each tick sends every slot
 * that is due by the clock. How late the slots went says how late this caller was, and a number that
 * was taken while the caller was late is not a number of the agent's.
 */

import type { CallRecord, HealthRecord } from "../metrics/records.ts";
import type { Rules } from "./rules.ts";

/** A frame that goes out later than this taints what was measured around it, in ms. */
export const LATE_MS = 40;

/** Two ticks further apart than this, in ms, or a clock that runs backwards, are a step of the clock. */
const CLOCK_STEP_MS = 1000;

/** What an agent sends without a pause for longer than this, in ms, is a stream and no burst: only its end is looked at. */
const LONGEST_READING_MS = 100;

/** A span of caller time in which frames or messages had to wait, in ms of the call. */
interface LateSpan {
  /** The tick before: a message may have waited since then, which is longer than a frame did. */
  readonly sinceMs: number;
  /** When the frame was due that went out at the end. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Counts the due slots of one call. */
export interface Line {
  /** Opens the line; its first slot is due at the instant. */
  open(dueAtMs: number): void;
  /** Turns the clock's time into the call's time, which never runs backwards. */
  time(clockMs: number): number;
  /** Returns how many frames to send at this tick, and takes them as sent. */
  tick(nowMs: number): number;
  /** A frame that is later than this, in ms, is the line's own to send. */
  readonly lateFromMs: number;
  /**
   * When the next slot is due, and until when a tick that is on time fills it as any other: the line has something to do
   * then, or it is the instant of the call's time that is given. Both on the caller's clock; none before the first tick.
   */
  ahead(untilMs: number): { readonly dueAtMs: number; readonly untilMs: number };
  /** Takes slots as sent at ticks that were on time, one by one: the worst was so late, the last came at that clock's time. */
  rested(slots: number, worstMs: number, lastAtMs: number): void;
  /** True when the caller was late around the instants or between them: what was seen then was seen, or caused, late. */
  wasLateBetween(fromMs: number, toMs: number): boolean;
  /**
   * True when what was seen at an instant, the last of what was read without a pause, may have waited for more than LATE_MS:
   * a caller who was blocked right after a tick is later with a message than with its next frame, and one who was blocked while
   * it read is later with the last message than with the first.
   */
  mayHaveWaited(readFromMs: number, seenAtMs: number): boolean;
  /** Forgets the late spans that ended before the instant. */
  forgetLateBefore(atMs: number): void;
  /** Hands over the health since the last call of this method. */
  takeHealth(): HealthRecord;
  /** What the line leaves in the call's record; frames due are those of a caller who was never late. */
  record(): Pick<CallRecord, "framesDue" | "framesSent" | "worstLagMs"> & HealthRecord;
}

/** Makes the line of one call. */
export function makeLine({ frameMs, healthFromMs }: Pick<Rules, "frameMs" | "healthFromMs">): Line {
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

  /** The timer that ticks runs from its first tick on: the grid does too, and only that tick can be late by it. */
  const begin = (nowMs: number) => {
    judge(nowMs - openedAtMs, openedAtMs, nowMs);
    openedAtMs = nowMs;
    lastTickAtMs = nowMs;
  };

  /** A machine that slept must not send an hour of frames at once: the grid moves, the frames stay due. */
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
    ahead: (untilMs) => ({
      dueAtMs: openedAtMs + nextSlot * frameMs - skewMs,
      untilMs: (nextSlot === 0 ? Number.NEGATIVE_INFINITY : Math.min(untilMs, secondEndsAtMs)) - skewMs,
    }),
    rested(slots, worstMs, lastAtMs) {
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
