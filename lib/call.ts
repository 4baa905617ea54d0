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

/** One connected call. */
export class Call {
  private readonly parts: CallParts;
  private timeUpSaid = false;
  private hungUp = false;

  /** The call's record, once it is closed. */
  record: ConversationRecord | null = null;

  /** Takes the line: the machine is open when this returns. */
  constructor(parts: CallParts) {
    const { line, codec, now, epochOffsetMs, firstFrameInMs, frameMs } = parts;
    this.parts = parts;
    line.onMessage((message) => this.received(message));
    line.onError((error) => this.failed(error));
    line.onClose((code) => this.take({ type: "close", code }));
    line.every(firstFrameInMs, frameMs, () => this.ticked());
    codec.open(now() + epochOffsetMs);
    this.take({ type: "open", firstFrameInMs });
  }

  private ticked(): void {
    if (!this.timeUpSaid && this.parts.now() >= this.parts.timeUpAtMs) {
      this.timeUpSaid = true;
      this.take(TIME_UP);
    }
    this.take(TICK);
  }

  private received(message: string): void {
    if (this.hungUp || this.record !== null) return;
    for (const event of this.parts.codec.decode(message)) this.take(event);
  }

  private failed(error: string): void {
    const fault = socketFault(error);
    if (fault !== null) this.take({ type: "fault", fault });
  }

  /** After hanging up, only the close is still this call's: the rest was on its way already. */
  private take(event: Event): void {
    if (this.record !== null || (this.hungUp && event.type !== "close")) return;
    const nowMs = this.parts.now();
    const actions = this.parts.conversation.handle(event, nowMs);
    for (const action of actions) this.perform(action, nowMs);
  }

  private perform(action: Action, nowMs: number): void {
    const { codec, epochOffsetMs, journal, line, utterance } = this.parts;
    switch (action.type) {
      case "sendFrame":
        if (action.frame === 0) codec.speak(utterance(action.utterance));
        codec.sendFrame(action.frame, nowMs + epochOffsetMs);
        break;
      case "sendQuiet":
        codec.sendQuiet(nowMs + epochOffsetMs);
        break;
      case "turn":
        journal.turn(action.record);
        break;
      case "call":
        this.record = action.record;
        break;
      case "hangUp":
        this.hungUp = true;
        // The runtime reports the close from within this call; it is the last action, so nothing is left to perform.
        line.close(NORMAL_CLOSURE);
        break;
    }
  }
}
