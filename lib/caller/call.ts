/**
 * Drives one conversation over one socket: turns socket events into the machine's events and its actions into
 * frames, samples and log lines. It decides nothing.
 */

import { FRAMES_PER_PIECE } from "../audio/pieces.ts";
import type { Conversation } from "../conversation/conversation.ts";
import type { Action, Event } from "../conversation/event.ts";
import { LOOK, QUIET } from "../conversation/slot.ts";
import type { Journal } from "../metrics/journal.ts";
import type { ConversationRecord } from "../metrics/records.ts";
import type { Codec, Socket } from "../wire/codec.ts";
import { openMedic } from "../wire/faults.lazy.ts";

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
  readonly journal: Pick<Journal, "turn">;
  /** The caller's clock in ms, with fractions. */
  readonly now: () => number;
  /** What to add to the caller's clock to get the wall clock (ms since 1970). */
  readonly epochOffsetMs: number;
  readonly frameMs: number;
  /** When the first frame goes out, from the connection on; above 0. */
  readonly firstFrameInMs: number;
  /** Fetches a packed piece of an utterance (lib/audio/pieces.ts). */
  readonly piece: (utterance: number, at: number) => string;
}

/** The code of a close that the caller asks for. */
const NORMAL_CLOSURE = 1000;

const TICK: Event = { type: "tick" };

/** One connected call. */
export interface Call {
  /** The call's record, once it is closed. */
  readonly record: ConversationRecord | null;
}

/** Takes the line and holds the call on it: the machine is open when this returns. Closures, as the machine's rest. */
export function holdCall(parts: CallParts): Call {
  const { codec, conversation, epochOffsetMs, firstFrameInMs, frameMs, journal, line, now, piece } = parts;
  const { decode, send, speak } = codec;
  const { slot } = conversation;
  let record: ConversationRecord | null = null;
  let utterance = 0;
  /** The frame with which the piece that is to be said next begins. */
  let nextPieceFrom = 0;
  /** After hanging up, only the close is still this call's: the rest was on its way already. */
  let over = false;

  const fetchPiece = (frame: number) => {
    speak(piece(utterance, frame / FRAMES_PER_PIECE), frame);
    nextPieceFrom = frame + FRAMES_PER_PIECE;
  };

  const perform = (action: Action, nowMs: number) => {
    switch (action.type) {
      case "sendQuiet":
        send(QUIET, nowMs + epochOffsetMs);
        break;
      case "sendFrame":
        utterance = action.utterance;
        if (action.frame === 0 || action.frame === nextPieceFrom) fetchPiece(action.frame);
        send(action.frame, nowMs + epochOffsetMs);
        break;
      case "turn":
        journal.turn(action.record);
        break;
      case "call":
        record = action.record;
        over = true;
        break;
      case "hangUp":
        over = true;
        // The runtime reports the close from within this call; it is the last action, so nothing is left to perform.
        line.close(NORMAL_CLOSURE);
        break;
    }
  };

  const take = (event: Event, nowMs: number) => {
    const actions = conversation.handle(event, nowMs);
    const count = actions.length;
    for (let index = 0; index < count; index += 1) perform(actions[index] as Action, nowMs);
  };

  const tick = () => {
    const nowMs = now();
    const frame = slot(nowMs);
    if (frame === LOOK) {
      if (!over) take(TICK, nowMs);
      return;
    }
    if (frame === nextPieceFrom) fetchPiece(frame);
    send(frame, nowMs + epochOffsetMs);
  };

  line.onMessage((message) => {
    if (over) return;
    const events = decode(message);
    const count = events.length;
    const nowMs = count > 0 ? now() : 0;
    for (let index = 0; index < count; index += 1) take(events[index] as Event, nowMs);
  });
  line.onError((error) => {
    const fault = openMedic().socketFault(error);
    if (fault !== null && !over) take({ type: "fault", fault }, now());
  });
  line.onClose((code) => {
    if (record === null) take({ type: "close", code }, now());
  });
  line.every(firstFrameInMs, frameMs, tick);
  codec.open(now() + epochOffsetMs);
  take({ type: "open", firstFrameInMs }, now());
  return {
    get record() {
      return record;
    },
  };
}
