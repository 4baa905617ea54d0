/**
 * Sends the agent's replies on one call, one after the other and each step by step, until a reply is done or stopped. It also
 * keeps the backend's estimate of when the caller's playout ends.
 */

import { setImmediate as nextLoopIteration } from "node:timers/promises";

import type { WebSocket } from "ws";

import { QUIET_FRAME_MS } from "./audio_frames.ts";
import { now } from "./clock.ts";
import type { Message } from "./envelopes.ts";
import type { Filler } from "./filler.ts";
import { type WaitUntilStep, waitUntil, waitUntilDue } from "./reply_waits.ts";
import type { SendQueue } from "./send_queue.ts";
import type { TruthTurn } from "./truth.ts";
import type { ResponseContext, Wire } from "./wire.ts";

/** Turns the messages of one frame of audio into the messages that are sent instead. */
export type MessageTransform = (texts: readonly string[]) => readonly string[];

/** Sends audio of this length. */
export interface AudioStep {
  readonly type: "sendAudio";
  readonly durationMs: number;
  /** Applied to the messages of each frame. */
  readonly transform?: MessageTransform;
  /** Sending takes this many times as long as playing; without it, it takes as long as the wire says. */
  readonly slowFactor?: number;
}

/** A step of a reply. */
export type Step =
  | WaitUntilStep
  | { readonly type: "wait"; readonly ms: number }
  | AudioStep
  /** Sends audio without end, as fast as it plays. */
  | { readonly type: "sendEndlessAudio" }
  /** Does something to the socket that a healthy agent never does. */
  | { readonly type: "socketAction"; readonly action: (socket: WebSocket) => void }
  /** Sends messages directly, as control and tool messages are sent. They are made when the step runs. */
  | { readonly type: "sendDirect"; readonly make: () => readonly Message[] }
  /** Sends an envelope through the queue. `truthOf`: the part of the reply whose instant it gives in the truth. */
  | { readonly type: "enqueueEnvelope"; readonly message: Message; readonly truthOf?: "text" | "end" };

/** A reply, or the greeting. */
export interface Reply extends ResponseContext {
  /** Null when the reply answers no speech. */
  readonly turn: TruthTurn | null;
  /** Silence that is sent, as fast as it plays, in front of the reply's first audio. */
  readonly leadMs: number;
  readonly steps: readonly Step[];
}

/** Frames that are sent before the event loop serves other calls. */
const FRAMES_PER_LOOP_ITERATION = 8;

/** Endless audio is sent in portions of this length. */
const ENDLESS_PORTION_MS = 40;

/** A reply that is being sent. */
interface RunningReply {
  readonly reply: Reply;
  readonly abort: AbortController;
  nextStep: number;
  /** The lead silence was sent. */
  isLeadSent: boolean;
}

/** Sends the replies of one call. */
export class ReplySender {
  private readonly sendQueue: SendQueue;
  private readonly wire: Wire;
  private readonly filler: Filler | null;
  private replies: Promise<void> = Promise.resolve();
  private running: RunningReply | null = null;
  private lastReply: Reply | null = null;
  private playoutEndsAtMs = 0;

  /** `filler` sends silence between replies; null where nothing is sent between them. */
  constructor(sendQueue: SendQueue, wire: Wire, filler: Filler | null) {
    this.sendQueue = sendQueue;
    this.wire = wire;
    this.filler = filler;
  }

  /** The reply that is being sent, or null. */
  get replyInProgress(): Reply | null {
    return this.running?.reply ?? null;
  }

  /** The reply that is being sent, or whose estimated playout ended less than `graceMs` ago; null when there is none. */
  audibleReply(graceMs: number): Reply | null {
    return this.replyInProgress ?? (now() < this.playoutEndsAtMs + graceMs ? this.lastReply : null);
  }

  /** Sends a reply after those that were given before. */
  send(reply: Reply): void {
    this.replies = this.replies
      .then(() => this.run(reply))
      .catch((error: unknown) => {
        if (!(error instanceof Error && error.name === "AbortError")) throw error;
      });
  }

  /** Stops the reply in progress and resets the estimated playout. Returns the steps that are not completed. */
  stop(): readonly Step[] {
    const { running } = this;
    this.playoutEndsAtMs = 0;
    this.lastReply = null;
    this.running = null;
    running?.abort.abort();
    return running?.reply.steps.slice(running.nextStep) ?? [];
  }

  /** Tells the caller to drop audio. Returns when the first stop message was sent, or null when the wire has none. */
  sendStops(): number | null {
    const [first = null] = this.wire
      .stopMessages()
      .map((message) => this.sendQueue.sendDirect(JSON.stringify(message)));
    if (first !== null) this.filler?.dropSpeech();
    return first;
  }

  private async run(reply: Reply): Promise<void> {
    const abort = new AbortController();
    const running = { reply, abort, nextStep: 0, isLeadSent: false };
    this.running = running;
    this.lastReply = reply;
    for (const step of reply.steps) {
      await this.runStep(step, running);
      abort.signal.throwIfAborted();
      running.nextStep += 1;
    }
    if (this.running === running) this.running = null;
  }

  private async runStep(step: Step, running: RunningReply): Promise<void> {
    const { reply, abort } = running;
    const { signal } = abort;
    if (step.type === "waitUntil") await waitUntilDue(step, signal);
    else if (step.type === "wait") await waitUntil(now() + step.ms, signal);
    else if (step.type === "sendAudio" || step.type === "sendEndlessAudio") await this.speak(step, running);
    else if (step.type === "socketAction") this.sendQueue.runOnSocket(step.action);
    else if (step.type === "sendDirect") for (const message of step.make()) this.sendQueue.sendMessage(message);
    else await this.sendEnvelope(step.message, step.truthOf, reply.turn, signal);
  }

  /** Resolves when the envelope was sent, was lost, or the reply was stopped. */
  private async sendEnvelope(
    message: Message,
    truthOf: "text" | "end" | undefined,
    turn: TruthTurn | null,
    signal: AbortSignal,
  ): Promise<void> {
    await new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
      this.sendQueue.enqueueEnvelope(message, (atMs) => {
        if (turn !== null && truthOf === "text") turn.firstTextAtMs ??= atMs;
        if (turn !== null && truthOf === "end") turn.replyEndAtMs = atMs;
        resolve();
      });
    });
  }

  /** Sends the audio of a step, the lead silence first; the filler pauses meanwhile. */
  private async speak(step: AudioStep | { readonly type: "sendEndlessAudio" }, running: RunningReply): Promise<void> {
    const { reply, abort } = running;
    const { signal } = abort;
    try {
      if (this.filler !== null) await waitUntil(this.filler.pause(), signal);
      const isFirst = reply.turn !== null && reply.turn.firstByteAtMs === null;
      const leadMs = running.isLeadSent ? 0 : reply.leadMs;
      running.isLeadSent = true;
      const silenceMs = await this.sendLead(leadMs, reply, signal);
      // A caller cannot tell the reply's silence from the filler's.
      if (reply.turn !== null && isFirst && this.filler === null) reply.turn.leadSilenceMs = silenceMs;
      if (step.type === "sendAudio") await this.sendAudio(step, reply, signal);
      else await this.sendEndlessAudio(reply, signal);
    } finally {
      this.filler?.resume();
    }
  }

  /** Returns the length of the silence, in whole samples. */
  private async sendLead(leadMs: number, reply: Reply, signal: AbortSignal): Promise<number> {
    let silenceMs = 0;
    let startAtMs: number | null = null;
    for (let fromMs = 0; fromMs < leadMs; fromMs += QUIET_FRAME_MS) {
      const frame = this.wire.quietFrame(Math.min(QUIET_FRAME_MS, leadMs - fromMs), reply);
      if (frame.durationMs === 0) break;
      let sentAtMs = 0;
      for (const text of frame.texts) sentAtMs = this.sendQueue.sendDirect(text);
      startAtMs ??= sentAtMs;
      silenceMs += frame.durationMs;
      this.recordAudio(reply.turn, sentAtMs, frame.durationMs);
      await waitUntil(startAtMs + silenceMs, signal);
    }
    return silenceMs;
  }

  private async sendAudio(
    { durationMs, transform = (texts) => texts, slowFactor = 0 }: AudioStep,
    reply: Reply,
    signal: AbortSignal,
  ): Promise<void> {
    let frames = 0;
    let dueAtMs = now();
    for (const frame of this.wire.audioFrames(durationMs, reply)) {
      const pauseMs = slowFactor > 0 ? frame.durationMs * slowFactor : frame.pauseMs;
      let sentAtMs = 0;
      const texts = transform(frame.texts);
      for (const text of texts) sentAtMs = this.sendQueue.sendDirect(text);
      this.recordWords(reply.turn, sentAtMs, (frame.durationMs * texts.length) / frame.texts.length);
      frames += 1;
      dueAtMs += pauseMs;
      if (pauseMs > 0) await waitUntil(dueAtMs, signal);
      else if (frames % FRAMES_PER_LOOP_ITERATION === 0) await nextLoopIteration();
      signal.throwIfAborted();
    }
  }

  private async sendEndlessAudio(reply: Reply, signal: AbortSignal): Promise<void> {
    for (let atMs = now(); ; atMs += ENDLESS_PORTION_MS) {
      await this.sendAudio({ type: "sendAudio", durationMs: ENDLESS_PORTION_MS }, reply, signal);
      await waitUntil(atMs + ENDLESS_PORTION_MS, signal);
    }
  }

  private recordAudio(turn: TruthTurn | null, sentAtMs: number, durationMs: number): void {
    this.playoutEndsAtMs = Math.max(this.playoutEndsAtMs, sentAtMs) + durationMs;
    this.filler?.onSpeech(sentAtMs, durationMs);
    if (turn !== null) turn.firstByteAtMs ??= sentAtMs;
  }

  private recordWords(turn: TruthTurn | null, sentAtMs: number, durationMs: number): void {
    this.recordAudio(turn, sentAtMs, durationMs);
    if (turn === null) return;
    turn.firstAudioAtMs ??= sentAtMs;
    turn.lastAudioAtMs = sentAtMs;
    turn.replyAudioMs += durationMs;
  }
}
