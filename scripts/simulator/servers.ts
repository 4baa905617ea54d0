/**
 * What all calls of a simulator share: the servers of its recognition and those of its model (`--servers`), and a model that every
 * call of it makes slower (`--slower-ms`).
 */

import { type Clock, REAL_CLOCK } from "./clock.ts";
import { type Job, Station, type WhenBusy } from "./station.ts";

/** How much the agent can do at a time. */
export interface ServersOptions {
  /** Recognitions at a time, and model calls at a time. 0: any number. */
  readonly count: number;
  readonly whenBusy: WhenBusy;
  /** Each model call makes all later ones this much slower. */
  readonly slowerMs: number;
}

/** The servers of one simulator. */
export class Servers {
  readonly recognition: Station;
  private readonly model: Station;
  private readonly slowerMs: number;
  private modelCalls = 0;

  constructor({ count, slowerMs, whenBusy }: ServersOptions, clock: Clock = REAL_CLOCK) {
    this.recognition = new Station(count, whenBusy, clock);
    this.model = new Station(count, whenBusy, clock);
    this.slowerMs = slowerMs;
  }

  /** How long a model call that takes `llmMs` at first takes by now, in ms. */
  slowedMs(llmMs: number): number {
    return llmMs + this.slowerMs * this.modelCalls;
  }

  /** Calls the model. Null: the call is refused, and makes no later one slower. */
  callModel(atMs: number, serviceMs: number): Job | null {
    const job = this.model.acquire(atMs, serviceMs);
    if (job !== null) this.modelCalls += 1;
    return job;
  }
}
