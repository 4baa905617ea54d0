/**
 * The vocabulary between the wire and the machine: what a codec hears, what a conversation orders.
 * Types only; nothing here decides anything.
 */

import type { ConversationRecord, TurnRecord } from "../metrics/records.ts";

/** Whose quota a throttling answer spoke of. */
export type RateSource = "openai" | "speech" | "unknown";

/** What the agent or the network did wrong: counted, never thrown. `code` is short and never a transcript. */
export type Fault =
  | { readonly kind: "rate_limit"; readonly source: RateSource; readonly code: string }
  | { readonly kind: "server_error"; readonly code: string }
  | { readonly kind: "apology"; readonly code: string }
  | { readonly kind: "notice"; readonly code: string }
  | { readonly kind: "ws_error"; readonly code: string };

/** What happened: on the wire, or to the clock. */
export type Event =
  /** `firstFrameInMs`: when the line's first slot is due; at once unless said. */
  | { readonly type: "open"; readonly firstFrameInMs?: number }
  | { readonly type: "tick" }
  | { readonly type: "audio"; readonly ms: number; readonly responseId?: string }
  | { readonly type: "stop" }
  | { readonly type: "cancelled" }
  | { readonly type: "userFinal" }
  | { readonly type: "replyText" }
  | { readonly type: "replyEnd" }
  | { readonly type: "toolStart" }
  | { readonly type: "toolEnd" }
  | { readonly type: "fault"; readonly fault: Fault }
  | { readonly type: "close"; readonly code: number };

/** What the driver has to do; a record says what a turn or a call measured. */
export type Action =
  | { readonly type: "sendFrame"; readonly utterance: number; readonly frame: number }
  | { readonly type: "sendQuiet" }
  | { readonly type: "turn"; readonly record: TurnRecord }
  | { readonly type: "call"; readonly record: ConversationRecord }
  | { readonly type: "hangUp" };
