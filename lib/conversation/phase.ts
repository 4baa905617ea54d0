/** Where a conversation stands, and which events can happen there. */

import type { Event } from "./event.ts";

/** Where a conversation stands. */
export type Phase = "new" | "greeting" | "speaking" | "listening" | "pausing" | "hungUp" | "closed";

/** An event that cannot happen in the phase it came in: a bug of ours, never the agent's fault. */
export class IllegalEventError extends Error {
  constructor(event: string, phase: string) {
    super(`illegal event: "${event}" cannot happen in phase "${phase}"`);
    this.name = "IllegalEventError";
  }
}

/** Phases in which one event can happen, or none. */
const ONLY_LEGAL: Partial<Record<Phase, Event["type"] | "">> = { new: "open", hungUp: "close", closed: "" };

/** Throws IllegalEventError when the event cannot happen in the phase. */
export function assertLegal(event: Event["type"], phase: Phase): void {
  const only = ONLY_LEGAL[phase];
  const legal = only === undefined ? event !== "open" : only === event;
  if (!legal) throw new IllegalEventError(event, phase);
}
