/**
 * Drives one conversation over one connection: turns socket events into events of the conversation, and its actions into
 * frames, samples and log lines. It makes no decisions.
 */

import { FRAMES_PER_PIECE } from "../audio/pieces.ts";
import type { Conversation } from "../conversation/conversation.ts";
import type { Action, Event } from "../conversation/event.ts";
import { DECIDE, QUIET } from "../conversation/slot.ts";
import type { Journal } from "../metrics/journal.lazy.ts";
import type { ConversationRecord } from "../metrics/records.ts";
import type { Codec, Socket } from "../wire/codec.ts";
import { loadFaults } from "../wire/faults.lazy.ts";
import { loadUnread } from "../wire/unread.lazy.ts";

/** An open WebSocket, and the events that it reports. */
export interface Connection extends Socket {
  close(code: number): void;
  /** Calls `run` after `firstInMs` (above 0), and every `intervalMs` from then on. */
  every(firstInMs: number, intervalMs: number, run: () => void): void;
  onMessage(take: (message: string) => void): void;
  /** Binary messages: no wire has any, and some agents send their JSON so. */
  onBinary(take: (bytes: ArrayBuffer) => void): void;
  onError(take: (error: string) => void): void;
  onClose(take: (code: number) => void): void;
}

/** What one call is made of. */
export interface CallParts {
  readonly connection: Connection;
  readonly codec: Codec;
  readonly conversation: Conversation;
  readonly journal: Pick<Journal, "turn">;
  /** The caller's clock in ms, with fractions. */
  readonly now: () => number;
  /** What to add to the caller's clock to get the wall clock (ms since 1970). */
  readonly epochOffsetMs: number;
  readonly frameMs: number;
  /** When the first frame goes out, in ms from now; above 0. */
  readonly firstFrameInMs: () => number;
  /** How long the agent may take to accept the session, on a wire where it has to, in ms. */
  readonly acceptTimeoutMs: number;
  /** Fetches piece `at` of an utterance, packed (lib/audio/pieces.ts). */
  readonly piece: (utterance: number, at: number) => string;
}

/** The close code of a call that the caller hangs up (RFC 6455, 7.4.1). */
const NORMAL_CLOSURE = 1000;

const TICK: Event = { type: "tick" };

/** One connected call. */
export interface Call {
  /** The call's record, once it is closed. */
  readonly record: ConversationRecord | null;
}

/** Starts the call on the connection. Closures and not a class, because they run 50 times a second (see idle_ticks.ts). */
export function driveCall(parts: CallParts): Call {
  const { codec, conversation, epochOffsetMs, frameMs, journal, connection, now, piece } = parts;
  const { decode, send, setPiece } = codec;
  const { slot } = conversation;
  // Taken off, so that the call does not keep what is used once.
  const { close } = connection;
  let record: ConversationRecord | null = null;
  let utterance = 0;
  /** The frame with which the next piece to fetch begins. */
  let nextPieceFrom = 0;
  /** The last error text of the connection. */
  let lastError = "";
  /** True when the conversation has begun: at once, or when the agent has accepted the session. */
  let begun = false;
  /** True after hanging up: what still arrives, but the close, was on its way already and is ignored. */
  let over = false;

  const fetchPiece = (frame: number) => {
    setPiece(piece(utterance, frame / FRAMES_PER_PIECE), frame);
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
        codec.close?.();
        // The runtime reports the close from within this call. It is the last action, so none is left to perform.
        close(NORMAL_CLOSURE);
        break;
    }
  };

  const begin = () => {
    begun = true;
    const firstFrameInMs = parts.firstFrameInMs();
    connection.every(firstFrameInMs, frameMs, tick);
    take({ type: "open", firstFrameInMs }, now());
  };

  /** What comes before the session was accepted, a refusal or a close, is part of the call as well. */
  const take = (event: Event, nowMs: number) => {
    if (!begun) begin();
    const actions = conversation.handle(event, nowMs);
    const count = actions.length;
    for (let index = 0; index < count; index += 1) perform(actions[index] as Action, nowMs);
  };

  const tick = () => {
    const nowMs = now();
    const frame = slot(nowMs);
    if (frame === DECIDE) {
      if (!over) take(TICK, nowMs);
      return;
    }
    if (frame === nextPieceFrom) fetchPiece(frame);
    send(frame, nowMs + epochOffsetMs);
  };

  const takeAll = (events: readonly Event[]) => {
    const count = events.length;
    const nowMs = count > 0 ? now() : 0;
    for (let index = 0; index < count; index += 1) {
      const event = events[index] as Event;
      if (event.type !== "open") take(event, nowMs);
      else if (!begun) begin();
    }
  };

  connection.onMessage((message) => {
    if (!over) takeAll(decode(message, conversation.listensClosely));
  });
  connection.onBinary((bytes) => {
    if (over) return;
    const { binaryEvents, jsonText } = loadUnread();
    const text = jsonText(bytes);
    takeAll(text === null ? binaryEvents(bytes.byteLength) : decode(text, conversation.listensClosely));
  });
  connection.onError((error) => {
    if (over) return;
    lastError = error;
    const fault = loadFaults().socketFault(error);
    if (fault !== null) take({ type: "fault", fault }, now());
  });
  connection.onClose((code) => {
    const end = lastError === "" ? { code } : loadFaults().closeOf(code, lastError);
    if (record === null) take({ type: "close", ...end }, now());
  });
  if (codec.open(now() + epochOffsetMs)) begin();
  else {
    const { acceptTimeoutMs } = parts;
    connection.every(acceptTimeoutMs, acceptTimeoutMs, () => {
      if (!begun) take({ type: "fault", fault: { kind: "ws_error", code: "session_timeout" } }, now());
    });
  }
  return {
    get record() {
      return record;
    },
  };
}
