/**
 * The agent's mouth on one call: one reply at a time, sentence by sentence in bursts, until it is done or stopped.
 * It keeps the backend's own guess of how long the caller's phone is still playing.
 */

import { setImmediate as nextTurnOfLoop, setTimeout as sleep } from "node:timers/promises";

import { audioFrames, STOP } from "./acs.ts";
import { now } from "./clock.ts";
import { type Envelopes, sentence } from "./envelopes.ts";
import type { Behaviour } from "./options.ts";
import type { Outbox } from "./outbox.ts";
import type { TruthTurn } from "./truth.ts";

/** Frames that are written before other calls get their turn. */
const FRAMES_AT_ONCE = 8;

/** How long after the guessed end of playing an interruption still counts, in ms (G4 and later, phone wire). */
const GRACE_MS = 2000;

/** What one reply is. */
export interface ReplyPlan {
  readonly turn: TruthTurn;
  readonly turnId: string;
  readonly replyMs: number;
}

/** Speaks on one call. */
export class Speaker {
  private readonly behaviour: Behaviour;
  private readonly outbox: Outbox;
  private readonly envelopes: Envelopes;
  private queue: Promise<void> = Promise.resolve();
  private producing: { plan: ReplyPlan; abort: AbortController } | null = null;
  private lastPlan: ReplyPlan | null = null;
  private playingUntilMs = 0;
  private frame = 0;
  private closed = false;

  constructor(behaviour: Behaviour, outbox: Outbox, envelopes: Envelopes) {
    this.behaviour = behaviour;
    this.outbox = outbox;
    this.envelopes = envelopes;
  }

  /** The turn whose reply an interruption would stop, or null. */
  get interruptible(): TruthTurn | null {
    if (this.producing !== null) return this.producing.plan.turn;
    return now() < this.playingUntilMs + GRACE_MS ? (this.lastPlan?.turn ?? null) : null;
  }

  /** Speaks the greeting, which cannot be interrupted, after a delay. */
  async greet(delayMs: number): Promise<void> {
    await sleep(delayMs);
    this.outbox.envelope(this.envelopes.greeting());
    await this.burst(
      this.behaviour.greetingMs,
      () => this.closed,
      () => {},
    );
  }

  /** Talks without end, in real time. */
  async babble(): Promise<void> {
    for (let atMs = now(); !this.closed; atMs += 40) {
      await this.burst(
        40,
        () => this.closed,
        () => {},
      );
      await sleep(Math.max(0, atMs + 40 - now()));
    }
  }

  /** Answers a turn after the replies before it. */
  reply(plan: ReplyPlan): void {
    this.queue = this.queue
      .then(() => this.produce(plan))
      .catch((error: unknown) => {
        if (!(error instanceof Error && error.name === "AbortError")) throw error;
      });
  }

  /** Stops the reply: nothing of it is sent after this. */
  stop(turn: TruthTurn): void {
    const { producing } = this;
    turn.stopAtMs = this.outbox.direct(JSON.stringify(STOP));
    this.playingUntilMs = 0;
    this.lastPlan = null;
    if (producing?.plan.turn !== turn) return;
    producing.abort.abort();
    this.outbox.envelope(this.envelopes.assistantCancelled(producing.plan.turnId));
  }

  close(): void {
    this.closed = true;
    this.producing?.abort.abort();
  }

  private async produce(plan: ReplyPlan): Promise<void> {
    const { turn, turnId } = plan;
    const { sttMs, llmMs, ttsMs } = turn.programmed;
    const abort = new AbortController();
    this.producing = { plan, abort };
    this.lastPlan = plan;
    try {
      await until(turn.eosAtMs + sttMs + llmMs + ttsMs, abort.signal);
      await this.sentences(plan, abort.signal);
      const text = sentence(turn.turn);
      await new Promise<void>((done) => {
        this.outbox.envelope(this.envelopes.assistantFinal(turnId, text), (atMs) => {
          turn.replyEndAtMs = atMs;
          done();
        });
        abort.signal.addEventListener("abort", () => done());
      });
    } finally {
      this.producing = null;
    }
  }

  private async sentences(plan: ReplyPlan, signal: AbortSignal): Promise<void> {
    const { sentences, sentenceGapMs, toolMs } = this.behaviour;
    for (let index = 0; index < sentences; index += 1) {
      if (index > 0) await pause(sentenceGapMs, signal);
      await this.burst(
        plan.replyMs / sentences,
        () => signal.aborted,
        (atMs, ms) => hear(plan.turn, atMs, ms),
      );
      signal.throwIfAborted();
      this.outbox.envelope(this.envelopes.assistantStreaming(plan.turnId, sentence(index)), (atMs) => {
        plan.turn.firstTextAtMs ??= atMs;
      });
      if (index === 0 && toolMs > 0) await this.useTool(plan.turnId, signal);
    }
  }

  private async useTool(turnId: string, signal: AbortSignal): Promise<void> {
    const callId = turnId.slice(0, 6);
    this.outbox.direct(JSON.stringify(this.envelopes.toolStart(callId)));
    await pause(this.behaviour.toolMs, signal);
    this.outbox.direct(JSON.stringify(this.envelopes.toolEnd(callId, this.behaviour.toolMs)));
  }

  /** Writes audio as fast as the socket takes it; `sent` hears of each frame. */
  private async burst(ms: number, stopped: () => boolean, sent: (atMs: number, ms: number) => void): Promise<void> {
    let written = 0;
    for (const frame of audioFrames(ms, this.frame)) {
      if (stopped() || this.closed) return;
      const atMs = this.outbox.direct(frame.text);
      sent(atMs, frame.ms);
      this.playingUntilMs = Math.max(this.playingUntilMs, atMs) + frame.ms;
      this.frame += 1;
      written += 1;
      if (written % FRAMES_AT_ONCE === 0) await nextTurnOfLoop();
    }
  }
}

function hear(turn: TruthTurn, atMs: number, ms: number): void {
  turn.firstAudioAtMs ??= atMs;
  turn.lastAudioAtMs = atMs;
  turn.replyAudioMs += ms;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await until(now() + ms, signal);
}

/** Waits for an instant; rejects with AbortError when the signal comes first. */
async function until(atMs: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.max(0, atMs - now()), undefined, { signal });
}
