/**
 * Drives one conversation over one socket: turns socket events into the machine's events and its actions into
 * frames, samples and log lines. It decides nothing.
 */

import type { Codec, Socket } from "./codec.ts";
import type { Conversation } from "./conversation.ts";
import type { Action, Event } from "./event.ts";
import { socketFault } from "./faults.ts";
import type { Journal } from "./journal.ts";
import type { ConversationRecord } from "./record.ts";

/** A connected socket, and what it reports. */
export interface Line extends Socket {
  close(code: number): void;
  /** Runs something after `firstInMs` (above 0), and every `intervalMs` from then on. */
  every(firstInMs: number, intervalMs: number, run: () => void): void;
  onMessage(take: (message: string) => void): void;
  onError(take: (error: string) => void): void;
  onClose(take: (code: number) => void): void;
}

/** What one call is made of. */
export interface CallParts {
  readonly line: Line;
  readonly codec: Codec;
  readonly conversation: Conversation;
  readonly journal: Journal;
  /** The caller's clock in ms, with fractions. */
  readonly now: () => number;
  /** What to add to the caller's clock to get the wall clock (ms since 1970). */
  readonly epochOffsetMs: number;
  readonly frameMs: number;
  /** When the first frame goes out, from the connection on; above 0. */
  readonly firstFrameInMs: number;
  /** When the test's time is up, on the caller's clock. */
  readonly timeUpAtMs: number;
  /** Fetches a packed utterance. */
  readonly utterance: (index: number) => string;
}

/** The code of a close that the caller asks for. */
const NORMAL_CLOSURE = 1000;

const TICK: Event = { type: "tick" };
const TIME_UP: Event = { type: "timeUp" };

/** One connected call. Its fields are flat: a look into an object costs k6's interpreter as much as a sum. */
export class Call {
  private readonly line: Line;
  private readonly codec: Codec;
  private readonly conversation: Conversation;
  private readonly journal: Journal;
  private readonly now: () => number;
  private readonly utterance: (index: number) => string;
  private readonly epochOffsetMs: number;
  private timeUpAtMs: number;
  /** After hanging up, only the close is still this call's: the rest was on its way already. */
  private over = false;

  /** The call's record, once it is closed. */
  record: ConversationRecord | null = null;

  /** Takes the line: the machine is open when this returns. */
  constructor(parts: CallParts) {
    const { line, codec, conversation, journal, now, utterance, epochOffsetMs, firstFrameInMs } = parts;
    this.line = line;
    this.codec = codec;
    this.conversation = conversation;
    this.journal = journal;
    this.now = now;
    this.utterance = utterance;
    this.epochOffsetMs = epochOffsetMs;
    this.timeUpAtMs = parts.timeUpAtMs;
    line.onMessage((message) => this.received(message));
    line.onError((error) => this.failed(error));
    line.onClose((code) => this.closed(code));
    line.every(firstFrameInMs, parts.frameMs, () => this.ticked());
    codec.open(now() + epochOffsetMs);
    this.take({ type: "open", firstFrameInMs }, now());
  }

  private ticked(): void {
    if (this.over) return;
    const nowMs = this.now();
    if (nowMs >= this.timeUpAtMs) {
      this.timeUpAtMs = Number.POSITIVE_INFINITY;
      this.take(TIME_UP, nowMs);
    }
    this.take(TICK, nowMs);
  }

  private received(message: string): void {
    if (this.over) return;
    const events = this.codec.decode(message);
    const nowMs = this.now();
    for (let index = 0; index < events.length; index += 1) this.take(events[index] as Event, nowMs);
  }

  private failed(error: string): void {
    const fault = socketFault(error);
    if (fault !== null && !this.over) this.take({ type: "fault", fault }, this.now());
  }

  private closed(code: number): void {
    if (this.record === null) this.take({ type: "close", code }, this.now());
  }

  private take(event: Event, nowMs: number): void {
    const actions = this.conversation.handle(event, nowMs);
    const count = actions.length;
    for (let index = 0; index < count; index += 1) {
      const action = actions[index] as Action;
      if (action.type === "sendQuiet") this.codec.sendQuiet(nowMs + this.epochOffsetMs);
      else if (action.type === "sendFrame") this.sendFrame(action.utterance, action.frame, nowMs);
      else this.perform(action);
    }
  }

  private sendFrame(utterance: number, frame: number, nowMs: number): void {
    if (frame === 0) this.codec.speak(this.utterance(utterance));
    this.codec.sendFrame(frame, nowMs + this.epochOffsetMs);
  }

  private perform(action: Exclude<Action, { type: "sendQuiet" | "sendFrame" }>): void {
    switch (action.type) {
      case "turn":
        this.journal.turn(action.record);
        break;
      case "call":
        this.record = action.record;
        this.over = true;
        break;
      case "hangUp":
        this.over = true;
        // The runtime reports the close from within this call; it is the last action, so nothing is left to perform.
        this.line.close(NORMAL_CLOSURE);
        break;
    }
  }
}
