/**
 * The audio of the agent: queues it on the playout, and passes it on to the greeting or to the turns. Also says where it
 * matters whether audio is audible. Closures and not a class, because they run for every message (see idle_ticks.ts).
 *
 * Agents send a reply in bursts of dozens of messages. What follows the first message of a burst changes nothing but how
 * much audio there is and when it last came, so it is only added up, and handed over when anything else happens.
 */

import { SAME_BURST_MS } from "./audio_arrival.ts";
import type { AudioEvent, Event } from "./event.ts";
import type { Greeting } from "./greeting.ts";
import type { Playout } from "./playout.ts";
import type { Turns } from "./turns.ts";

/** When audio arrived. */
export interface AudioInstant {
  readonly clockMs: number;
  /** The same instant in the call's time. */
  readonly nowMs: number;
  /** When the call has something to decide again: the rest of a burst joins it only before. */
  readonly untilMs: number;
}

/** Where the audio of one call goes. */
export interface AgentAudio {
  /**
   * Adds an event that is the rest of a burst: the same audio as before it, in time and of a reply that is running. False for
   * every other event, which must be handled in full, after `endBurst`.
   */
  joinsBurst(event: Event, clockMs: number): boolean;
  /** Hands over what has joined the burst, if there is one. */
  endBurst(): void;
  /** Adds audible audio, with which a burst begins where it is of a running reply. */
  add(event: AudioEvent, inGreeting: boolean, when: AudioInstant): void;
  /** Adds audio in which nothing is audible: it only counts as the silence in front of what is. */
  addSilence(ms: number, nowMs: number): void;
  /** True where it matters whether audio is audible. False from the first audio of a reply to its structured end. */
  needsCloseLook(): boolean;
}

/** Makes the way of the audio of one call. */
export function makeAgentAudio(parts: { playout: Playout; greeting: Greeting; turns: Turns }): AgentAudio {
  const { greeting, playout, turns } = parts;
  let burst: Event | null = null;
  let burstMs = 0;
  let joined = 0;
  let joinedAtMs = 0;
  let joinsUntilMs = 0;
  let skewMs = 0;
  return {
    joinsBurst(event, clockMs) {
      const sinceMs = clockMs - joinedAtMs;
      if (event !== burst || sinceMs >= SAME_BURST_MS || sinceMs < 0 || clockMs >= joinsUntilMs) return false;
      joined += 1;
      joinedAtMs = clockMs;
      return true;
    },
    endBurst() {
      if (burst === null) return;
      burst = null;
      if (joined === 0) return;
      playout.extend(joined * burstMs, joinedAtMs + skewMs);
      turns.current?.reply.extend(joined * burstMs, joinedAtMs + skewMs);
      joined = 0;
    },
    add(event, inGreeting, { clockMs, nowMs, untilMs }) {
      const { leadMs, ms, responseId } = event;
      const arrival = playout.add(ms, leadMs ?? 0, nowMs);
      const idAge = turns.responseIdAge(responseId);
      if (inGreeting) {
        greeting.addAudio(arrival);
      } else if (turns.addAudio(arrival, idAge)) {
        burst = event;
        burstMs = ms;
        joinedAtMs = clockMs;
        skewMs = nowMs - clockMs;
        joinsUntilMs = Math.min(untilMs, playout.endsAtMs) - skewMs;
      }
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
