/** The phases of a call, and which events can happen in each. */

import type { Event } from "./event.ts";

/** The phase that a call is in; the transitions are drawn in conversation.ts. */
export type Phase = "new" | "greeting" | "speaking" | "listening" | "pausing" | "hungUp" | "closed";

/** An event that cannot happen in the current phase: a bug of this tool, never the agent's fault. */
export class IllegalEventError extends Error {
  constructor(event: string, phase: string) {
    super(`illegal event: "${event}" cannot happen in phase "${phase}"`);
    this.name = "IllegalEventError";
  }
}

/** Phases in which only one event can happen, or none (""). */
const ONLY_EVENT: Partial<Record<Phase, Event["type"] | "">> = { new: "open", hungUp: "close", closed: "" };

/** Throws IllegalEventError when the event cannot happen in the phase. */
export function assertLegal(event: Event["type"], phase: Phase): void {
  const only = ONLY_EVENT[phase];
  const isLegal = only === undefined ? event !== "open" : only === event;
  if (!isLegal) throw new IllegalEventError(event, phase);
}
