/**
 * The ticks that decide nothing, which are most of a call's: each fills the slot that is due and leaves the machine alone.
 *
 * A k6 full of callers does little else all day, and what a tick costs is how much of its caller's memory it looks into:
 * with hundreds of callers none of it is in a cache. Hence one closure that counts for the line and the speech, and tells
 * them when the rest is over.
 */

import type { Line } from "./frame_clock.ts";
import type { Rules } from "./rules.ts";
import { LOOK, QUIET } from "./slot.ts";
import type { Speech } from "./speech.ts";

/** The rest of one caller. */
export interface Rest {
  /** What goes into the slot of a tick on the caller's clock: the index of a frame of the utterance, QUIET or LOOK. */
  slot(clockMs: number): number;
  /** Begins to rest, speaking or quiet, until an instant of the call's time, or until the test's time is up if it is not yet. */
  begin(untilMs: number, isSpeaking: boolean, timeIsUp: boolean): void;
  /** Ends the rest, if there is one: the line and the speech know of its slots then. */
  end(): void;
}

/** Makes the rest of a caller with this line and this speech. */
export function makeRest(
  { frameMs, timeUpAtMs }: Pick<Rules, "frameMs" | "timeUpAtMs">,
  line: Line,
  speech: Speech,
): Rest {
  const { lateFromMs } = line;
  const earlyMs = -frameMs / 2;
  let firstDueAtMs = 0;
  let dueAtMs = 0;
  let untilMs = Number.NEGATIVE_INFINITY;
  let lastAtMs = Number.NEGATIVE_INFINITY;
  let worstMs = 0;
  let frame = QUIET;
  let turningFrame = LOOK;
  return {
    slot(clockMs) {
      const lateMs = clockMs - dueAtMs;
      if (clockMs >= untilMs || lateMs >= lateFromMs || lateMs < earlyMs) return LOOK;
      if (frame === turningFrame) return LOOK;
      dueAtMs += frameMs;
      lastAtMs = clockMs;
      if (lateMs > worstMs) worstMs = lateMs;
      if (frame === QUIET) return QUIET;
      frame += 1;
      return frame - 1;
    },
    begin(atMs, isSpeaking, timeIsUp) {
      const ahead = line.ahead(atMs);
      firstDueAtMs = ahead.dueAtMs;
      dueAtMs = firstDueAtMs;
      untilMs = timeIsUp ? ahead.untilMs : Math.min(ahead.untilMs, timeUpAtMs);
      frame = isSpeaking ? speech.nextFrame() : QUIET;
      turningFrame = isSpeaking ? speech.turningFrame() : LOOK;
    },
    end() {
      if (untilMs === Number.NEGATIVE_INFINITY) return;
      untilMs = Number.NEGATIVE_INFINITY;
      const slots = Math.round((dueAtMs - firstDueAtMs) / frameMs);
      if (slots === 0) return;
      line.rested(slots, worstMs, lastAtMs);
      if (frame !== QUIET) speech.skip(slots);
      worstMs = 0;
    },
  };
}
