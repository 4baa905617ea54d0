/**
 * The fast path of a tick: fills the slot that is due while the conversation has nothing to decide, which is most ticks.
 *
 * Ticks are most of what k6 does in a load test. The cost of a tick is the memory that it touches: with hundreds of callers
 * none of it is in the CPU's caches. So one closure counts the slots in its own variables, and hands the counts to the frame
 * clock and the speech cursor when the idle window ends.
 */

import type { FrameClock } from "./frame_clock.ts";
import type { Rules } from "./rules.ts";
import { DECIDE, QUIET } from "./slot.ts";
import type { Speech } from "./speech.ts";

/** The idle ticks of one call. */
export interface IdleTicks {
  /** What fills the slot of a tick at an instant of the caller's clock: the index of a frame of the utterance, QUIET or DECIDE. */
  slot(clockMs: number): number;
  /**
   * Begins an idle window, in speech or in silence. It ends at an instant of the call's time, and no later than the end of
   * the caller's time where that is still ahead.
   */
  begin(untilMs: number, isSpeaking: boolean, timeIsUp: boolean): void;
  /** Ends the window, if there is one, and hands its slots to the frame clock and the speech cursor. */
  end(): void;
}

/** Makes the idle ticks of one call on its frame clock and speech cursor. */
export function makeIdleTicks(
  { frameMs, timeUpAtMs }: Pick<Rules, "frameMs" | "timeUpAtMs">,
  frameClock: FrameClock,
  speech: Speech,
): IdleTicks {
  const { lateFromMs } = frameClock;
  const earlyMs = -frameMs / 2;
  let firstDueAtMs = 0;
  let dueAtMs = 0;
  let untilMs = Number.NEGATIVE_INFINITY;
  let lastAtMs = Number.NEGATIVE_INFINITY;
  let worstMs = 0;
  let frame = QUIET;
  let boundaryFrame = DECIDE;
  return {
    slot(clockMs) {
      const lateMs = clockMs - dueAtMs;
      if (clockMs >= untilMs || lateMs >= lateFromMs || lateMs < earlyMs) return DECIDE;
      if (frame === boundaryFrame) return DECIDE;
      dueAtMs += frameMs;
      lastAtMs = clockMs;
      if (lateMs > worstMs) worstMs = lateMs;
      if (frame === QUIET) return QUIET;
      frame += 1;
      return frame - 1;
    },
    begin(atMs, isSpeaking, timeIsUp) {
      const window = frameClock.idleWindow(atMs);
      firstDueAtMs = window.dueAtMs;
      dueAtMs = firstDueAtMs;
      untilMs = timeIsUp ? window.untilMs : Math.min(window.untilMs, timeUpAtMs);
      frame = isSpeaking ? speech.nextFrame() : QUIET;
      boundaryFrame = isSpeaking ? speech.boundaryFrame() : DECIDE;
    },
    end() {
      if (untilMs === Number.NEGATIVE_INFINITY) return;
      untilMs = Number.NEGATIVE_INFINITY;
      const slots = Math.round((dueAtMs - firstDueAtMs) / frameMs);
      if (slots === 0) return;
      frameClock.countIdleTicks(slots, worstMs, lastAtMs);
      if (frame !== QUIET) speech.skip(slots);
      worstMs = 0;
    },
  };
}
