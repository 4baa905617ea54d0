/**
 * The audio of the agent: queues it on the playout, and passes it on to the greeting or to the turns. Also says where it
 * matters whether audio is audible.
 */

import type { AudioEvent } from "./event.ts";
import type { Greeting } from "./greeting.ts";
import type { Playout } from "./playout.ts";
import type { Turns } from "./turns.ts";

/** Where the audio of one call goes. */
export class AgentAudio {
  private readonly playout: Playout;
  private readonly greeting: Greeting;
  private readonly turns: Turns;

  constructor({ greeting, playout, turns }: { playout: Playout; greeting: Greeting; turns: Turns }) {
    this.playout = playout;
    this.greeting = greeting;
    this.turns = turns;
  }

  /** Adds audible audio. */
  add({ leadMs, ms, responseId }: AudioEvent, inGreeting: boolean, nowMs: number): void {
    const arrival = this.playout.add(ms, leadMs ?? 0, nowMs);
    const idAge = this.turns.responseIdAge(responseId);
    if (inGreeting) this.greeting.addAudio(arrival);
    else this.turns.addAudio(arrival, idAge);
  }

  /** Adds audio in which nothing is audible: it only counts as the silence in front of what is. */
  addSilence(ms: number, nowMs: number): void {
    this.playout.addSilence(ms, nowMs);
    if (this.turns.current?.listening) this.turns.current.reply.addSilence(ms, nowMs);
  }

  /** True where it matters whether audio is audible. False from the first audio of a reply to its structured end. */
  get needsCloseLook(): boolean {
    const { current } = this.turns;
    return current === null || !current.listening || !current.reply.begun || current.reply.endAtMs !== null;
  }
}
