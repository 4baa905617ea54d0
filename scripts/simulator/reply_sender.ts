/**
 * The agent's mouth on one call: performs one reply at a time, step by step, until it is done or stopped, and keeps
 * the backend's own guess of how long the caller is still hearing it.
 */

import { setImmediate as nextTurnOfLoop, setTimeout as sleep } from "node:timers/promises";

import type { WebSocket } from "ws";

import { now } from "./clock.ts";
import type { Message } from "./envelopes.ts";
import type { Outbox } from "./send_queue.ts";
import type { TruthTurn } from "./truth.ts";
import type { Part, Wire } from "./wire.ts";

/** Turns the messages of one piece of audio into those that are sent. */
export type Sending = (texts: readonly string[]) => readonly string[];

/** What a reply is made of. */
export type Step =
  | { readonly do: "until"; readonly atMs: number }
  | { readonly do: "wait"; readonly ms: number }
  /** `as`: what becomes of the messages of one piece. `slowBy`: it takes so many times as long as it plays. */
  | { readonly do: "audio"; readonly ms: number; readonly as?: Sending; readonly slowBy?: number }
  /** Audio without end, as fast as it plays. */
  | { readonly do: "babble" }
  /** Something that a sound agent never does to its socket. */
  | { readonly do: "hit"; readonly how: (socket: WebSocket) => void }
  /** Straight to the socket, as control and tools go. */
  | { readonly do: "say"; readonly make: () => readonly Message[] }
  /** By the queue of envelopes; a mark says what of the reply it is. */
  | { readonly do: "tell"; readonly message: Message; readonly mark?: "text" | "end" };

/** One reply, or the greeting. */
export interface Reply extends Part {
  /** Null for what answers no speech. */
  readonly turn: TruthTurn | null;
  readonly steps: readonly Step[];
}

/** Frames that are written before other calls get their turn. */
const FRAMES_AT_ONCE = 8;

/** What an agent that talks always says at once, in ms. */
const BABBLE_MS = 40;

/** Speaks on one call. */
export class Speaker {
  private readonly outbox: Outbox;
  private readonly wire: Wire;
  private queue: Promise<void> = Promise.resolve();
  private performing: { readonly reply: Reply; readonly abort: AbortController; next: number } | null = null;
  private lastReply: Reply | null = null;
  private playingUntilMs = 0;

  constructor(outbox: Outbox, wire: Wire) {
    this.outbox = outbox;
    this.wire = wire;
  }

  /** The reply that is being made, or null. */
  get making(): Reply | null {
    return this.performing?.reply ?? null;
  }

  /** The reply that the caller hears, or would hear for another `graceMs`; null when there is none. */
  heard(graceMs: number): Reply | null {
    return this.making ?? (now() < this.playingUntilMs + graceMs ? this.lastReply : null);
  }

  /** Performs a reply after those before it. */
  perform(reply: Reply): void {
    this.queue = this.queue
      .then(() => this.run(reply))
      .catch((error: unknown) => {
        if (!(error instanceof Error && error.name === "AbortError")) throw error;
      });
  }

  /** Ends what is being made and forgets what is playing; returns the steps that were not performed any more. */
  stop(): readonly Step[] {
    const { performing } = this;
    this.playingUntilMs = 0;
    this.lastReply = null;
    this.performing = null;
    performing?.abort.abort();
    return performing?.reply.steps.slice(performing.next) ?? [];
  }

  private async run(reply: Reply): Promise<void> {
    const abort = new AbortController();
    const performing = { reply, abort, next: 0 };
    this.performing = performing;
    this.lastReply = reply;
    for (const step of reply.steps) {
      await this.step(step, reply, abort.signal);
      abort.signal.throwIfAborted();
      performing.next += 1;
    }
    if (this.performing === performing) this.performing = null;
  }

  private async step(step: Step, reply: Reply, signal: AbortSignal): Promise<void> {
    if (step.do === "until") await until(step.atMs, signal);
    else if (step.do === "wait") await until(now() + step.ms, signal);
    else if (step.do === "audio") await this.audio(step, reply, signal);
    else if (step.do === "hit") this.outbox.hit(step.how);
    else if (step.do === "babble") await this.babble(reply, signal);
    else if (step.do === "say") for (const message of step.make()) this.outbox.direct(JSON.stringify(message));
    else await this.tell(step.message, step.mark, reply.turn, signal);
  }

  private async tell(
    message: Message,
    mark: "text" | "end" | undefined,
    turn: TruthTurn | null,
    signal: AbortSignal,
  ): Promise<void> {
    await new Promise<void>((done) => {
      signal.addEventListener("abort", () => done(), { once: true });
      this.outbox.envelope(message, (atMs) => {
        if (turn !== null && mark === "text") turn.firstTextAtMs ??= atMs;
        if (turn !== null && mark === "end") turn.replyEndAtMs = atMs;
        done();
      });
    });
  }

  private async audio(
    { ms, as = (texts) => texts, slowBy = 0 }: Extract<Step, { do: "audio" }>,
    reply: Reply,
    signal: AbortSignal,
  ): Promise<void> {
    let written = 0;
    let dueAtMs = now();
    for (const frame of this.wire.audio(ms, reply)) {
      const pauseMs = slowBy > 0 ? frame.ms * slowBy : frame.pauseMs;
      let atMs = 0;
      const sent = as(frame.texts);
      for (const text of sent) atMs = this.outbox.direct(text);
      this.mark(reply.turn, atMs, (frame.ms * sent.length) / frame.texts.length);
      written += 1;
      dueAtMs += pauseMs;
      if (pauseMs > 0) await until(dueAtMs, signal);
      else if (written % FRAMES_AT_ONCE === 0) await nextTurnOfLoop();
      signal.throwIfAborted();
    }
  }

  private async babble(reply: Reply, signal: AbortSignal): Promise<void> {
    for (let atMs = now(); ; atMs += BABBLE_MS) {
      await this.audio({ do: "audio", ms: BABBLE_MS }, reply, signal);
      await until(atMs + BABBLE_MS, signal);
    }
  }

  private mark(turn: TruthTurn | null, atMs: number, ms: number): void {
    this.playingUntilMs = Math.max(this.playingUntilMs, atMs) + ms;
    if (turn === null) return;
    turn.firstAudioAtMs ??= atMs;
    turn.lastAudioAtMs = atMs;
    turn.replyAudioMs += ms;
  }
}

/** Waits for an instant; rejects with AbortError when the signal comes first. */
async function until(atMs: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.max(0, atMs - now()), undefined, { signal });
}
