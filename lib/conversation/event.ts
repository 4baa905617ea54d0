/** The events that codecs report to a conversation, and the actions that a conversation returns. Types only. */

import type { ConversationRecord, TurnRecord } from "../metrics/records.ts";

/** The service whose quota a throttling message names. */
export type RateSource = "openai" | "speech" | "unknown";

/** A message that nobody could read: the name that it gives itself, and its keys and types without their values. */
export interface UnreadMessage {
  readonly name: string;
  readonly shape: string;
}

/**
 * A fault of the agent, the network or the load machine: counted, never thrown. `code` is short and never a transcript.
 * A `generator_limit` is a resource that the load machine ran out of (GENERATOR_LIMITS in lib/metrics/metrics.ts).
 */
export type Fault =
  | { readonly kind: "rate_limit"; readonly source: RateSource; readonly code: string }
  | { readonly kind: "server_error"; readonly code: string }
  | { readonly kind: "apology"; readonly code: string }
  | { readonly kind: "notice"; readonly code: string; readonly unread?: UnreadMessage }
  | { readonly kind: "ws_error"; readonly code: string }
  | { readonly kind: "generator_limit"; readonly code: string };

/** Audible audio; its first `leadMs` are silent. */
export interface AudioEvent {
  readonly type: "audio";
  readonly ms: number;
  readonly responseId?: string;
  readonly leadMs?: number;
}

/** An event: a message of the agent, a tick, or a change of the connection. */
export type Event =
  /** The connection is open; slot 0 is due in `firstFrameInMs`, or at once. */
  | { readonly type: "open"; readonly firstFrameInMs?: number }
  | { readonly type: "tick" }
  | AudioEvent
  /** Audio in which nothing is audible. */
  | { readonly type: "silence"; readonly ms: number }
  | { readonly type: "stop" }
  | { readonly type: "cancelled" }
  | { readonly type: "userFinal" }
  | { readonly type: "replyText" }
  | { readonly type: "replyEnd" }
  | { readonly type: "toolStart" }
  | { readonly type: "toolEnd" }
  | { readonly type: "fault"; readonly fault: Fault }
  | CloseEvent;

/** The connection is closed. `fault` is there when it broke, that is, without a close that the agent sent. */
export interface CloseEvent {
  readonly type: "close";
  readonly code: number;
  readonly fault?: Fault;
}

/** An action for the driver (lib/caller/call.ts): send a frame, record a turn or the call, or hang up. */
export type Action =
  | { readonly type: "sendFrame"; readonly utterance: number; readonly frame: number }
  | { readonly type: "sendQuiet" }
  | { readonly type: "turn"; readonly record: TurnRecord }
  | { readonly type: "call"; readonly record: ConversationRecord }
  | { readonly type: "hangUp" };
