/**
 * The audio of the agent: queues it on the playout, and passes it on to the greeting or to the turns. Also says where it
 * matters whether audio is audible. Closures and not a class, because they run for every message (see idle_ticks.ts).
 */

import type { AudioEvent } from "./event.ts";
import type { Greeting } from "./greeting.ts";
import type { Playout } from "./playout.ts";
import type { Turns } from "./turns.ts";

/** Where the audio of one call goes. */
export interface AgentAudio {
  /** Adds audible audio. */
  add(event: AudioEvent, inGreeting: boolean, nowMs: number): void;
  /** Adds audio in which nothing is audible: it only counts as the silence in front of what is. */
  addSilence(ms: number, nowMs: number): void;
  /** True where it matters whether audio is audible. False from the first audio of a reply to its structured end. */
  needsCloseLook(): boolean;
}

/** Makes the way of the audio of one call. */
export function makeAgentAudio(parts: { playout: Playout; greeting: Greeting; turns: Turns }): AgentAudio {
  const { greeting, playout, turns } = parts;
  return {
    add({ leadMs, ms, responseId }, inGreeting, nowMs) {
      const arrival = playout.add(ms, leadMs ?? 0, nowMs);
      const idAge = turns.responseIdAge(responseId);
      if (inGreeting) greeting.addAudio(arrival);
      else turns.addAudio(arrival, idAge);
    },
    addSilence(ms, nowMs) {
      playout.addSilence(ms, nowMs);
      if (turns.current?.listening) turns.current.reply.addSilence(ms, nowMs);
    },
    needsCloseLook() {
      const { current } = turns;
      return current === null || !current.listening || !current.reply.begun || current.reply.endAtMs !== null;
    },
  };
}
