/**
 * The ticks that decide nothing, which are most of a call's: each fills the slot that is due and leaves the machine alone.
 * Closures and a number instead of actions, because this is what a k6 full of callers does all day.
 */

import type { Line } from "./line.ts";
import { AT_ONCE } from "./outlook.ts";
import type { Speech } from "./speech.ts";

/** The slot holds a quiet frame. */
export const QUIET = -1;

/** The machine has to take this tick: it may decide something, or no slot or several are due. */
export const LOOK = -2;

/** The rest of one caller. */
export interface Rest {
  /** What goes into the slot of a tick on the caller's clock: the index of a frame of the utterance, QUIET or LOOK. */
  slot(clockMs: number): number;
  /** Rests until an instant of the call's time (AT_ONCE: not at all), speaking or quiet. */
  until(atMs: number, isSpeaking: boolean): void;
}

/** Makes the rest of a caller with this line and this speech. */
export function makeRest({ takeOrdinary }: Line, { isMidway, next }: Speech): Rest {
  let untilMs = AT_ONCE;
  let speaking = false;
  return {
    slot(clockMs) {
      if (speaking && !isMidway()) return LOOK;
      if (!takeOrdinary(clockMs, untilMs)) return LOOK;
      return speaking ? next() : QUIET;
    },
    until(atMs, isSpeaking) {
      untilMs = atMs;
      speaking = isSpeaking;
    },
  };
}
