/**
 * The ticks that decide nothing, which are most of a call's: they fill the slot that is due and leave the machine alone.
 * Closures and reused orders, because this is what a machine full of callers does all day.
 */

import type { Action, Event } from "./event.ts";
import type { Line } from "./line.ts";
import { AT_ONCE } from "./outlook.ts";
import type { Speech } from "./speech.ts";

/** Takes one event at an instant of the caller's clock (ms) and returns what to do, in order. */
type Handle = (event: Event, clockMs: number) => readonly Action[];

/** What stands behind the rest. */
interface Machine {
  /** Takes an event that may decide something. */
  readonly look: Handle;
  /** Fills so many slots, one of which may be an utterance's first or last. */
  fill(due: number, nowMs: number): readonly Action[];
}

/** The rest of one caller. */
export interface Rest {
  readonly handle: Handle;
  /** Rests until an instant of the call's time (AT_ONCE: not at all), speaking or quiet. */
  until(atMs: number, isSpeaking: boolean): void;
}

const ONE_QUIET: readonly Action[] = [{ type: "sendQuiet" }];

/** Puts the rest before a machine. */
export function restBefore({ look, fill }: Machine, { tick, time }: Line, { isMidway, next }: Speech): Rest {
  const oneFrame: Action[] = [];
  let untilMs = AT_ONCE;
  let speaking = false;
  return {
    until(atMs, isSpeaking) {
      untilMs = atMs;
      speaking = isSpeaking;
    },
    handle(event, clockMs) {
      if (event.type !== "tick" || untilMs === AT_ONCE) return look(event, clockMs);
      const nowMs = time(clockMs);
      if (nowMs >= untilMs) return look(event, clockMs);
      const due = tick(nowMs);
      if (due !== 1) return fill(due, nowMs);
      if (!speaking) return ONE_QUIET;
      if (!isMidway()) return fill(due, nowMs);
      oneFrame[0] = next();
      return oneFrame;
    },
  };
}
