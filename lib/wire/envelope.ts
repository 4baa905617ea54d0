/**
 * The JSON messages that both wires carry beside audio: envelopes, tools, session ends.
 * They are classified by their type and status fields, never by searching their text.
 */

import type { Event } from "../conversation/event.ts";
import { apologyFault } from "./apology.ts";
import type { Tokens } from "./codec.ts";
import { loadFaults } from "./faults.lazy.ts";
import { asObject, type Json } from "./json.ts";

const NOTHING: readonly Event[] = [];
const STOP: readonly Event[] = [{ type: "stop" }];

/**
 * Parses a message that is not audio. The call's own id is cut out first: whatever it holds is no word of the
 * agent's. Throws SyntaxError when it is not JSON.
 */
export function parseMessage(text: string, callId: string): Json {
  return asObject(JSON.parse(text.replaceAll(callId, "")));
}

/** What a message that cannot be parsed means. */
export const BAD_JSON: readonly Event[] = [{ type: "fault", fault: { kind: "notice", code: "bad_json" } }];

/** Says what a parsed message that is not audio means. */
export function decodeMessage(message: Json, tokens: Tokens): readonly Event[] {
  const payload = asObject(message.payload);
  const kind = message.kind ?? message.Kind;
  const type = kind ?? message.type;
  const name = type === "event" ? (payload.event_type ?? payload.type) : type;
  const known = kind !== undefined ? byKind : type === "event" ? byEvent : byType;
  return known(name, message, payload) ?? byTokens([name, payload.status, message.status], tokens);
}

/** Un-enveloped messages and envelopes other than events, by `type`. */
function byType(type: unknown, message: Json, payload: Json): readonly Event[] | null {
  switch (type) {
    case "assistant_streaming":
    case "assistant":
      return [{ type: "replyText" }, ...apologies(payload)];
    case "assistant_final":
      return [{ type: "replyText" }, ...apologies(message), { type: "replyEnd" }];
    case "control":
      return message.action === "tts_cancelled" || message.action === "audio_stop" ? STOP : NOTHING;
    case "tool_start":
      return [{ type: "toolStart" }];
    case "tool_end":
      return [{ type: "toolEnd" }, ...(message.error ? loadFaults().errorEvents(type, message, payload) : NOTHING)];
    case "error":
    case "tts_error":
    case "session_end":
      return loadFaults().errorEvents(type, message, payload);
    case "status":
      return isAlarming(payload) ? loadFaults().errorEvents(type, message, payload) : NOTHING;
    case "tool_progress":
    case "exit":
    case "debug":
    case "turn_metrics":
      return NOTHING;
    default:
      return null;
  }
}

/** Event envelopes, by `payload.event_type`, else `payload.type`. */
function byEvent(name: unknown, message: Json, payload: Json): readonly Event[] | null {
  switch (name) {
    case "user":
      return isFinal(payload) ? [{ type: "userFinal" }] : NOTHING;
    case "assistant":
      return isFinal(payload) ? assistantFinal(message, payload) : NOTHING;
    case "assistant_cancelled":
      return [{ type: "cancelled" }];
    case "orchestration_error":
      return loadFaults().errorEvents(name, message, payload);
    case "agent_inventory":
    case "agent_change":
    case "session_updated":
    case "speech_cascade_connected":
    case "stt_partial":
    case "voice_live_connected":
      return NOTHING;
    default:
      return null;
  }
}

/** Direct messages of the ACS family, by `kind`; audio is the phone codec's. */
function byKind(kind: unknown, message: Json, payload: Json): readonly Event[] | null {
  if (kind === "StopAudio") return STOP;
  return kind === "ErrorData" ? loadFaults().errorEvents(kind, message, payload) : null;
}

/** An agent that we do not know: its own words decide, whole words of type and status only. */
function byTokens(fields: readonly unknown[], tokens: Tokens): readonly Event[] {
  const words = fields.flatMap((field) => (typeof field === "string" ? field.toLowerCase().split(/[^a-z0-9]+/) : []));
  if (tokens.end.some((token) => words.includes(token))) return [{ type: "replyEnd" }];
  if (tokens.response.some((token) => words.includes(token))) return [{ type: "replyText" }];
  return [{ type: "fault", fault: { kind: "notice", code: "unknown_message" } }];
}

function isFinal(payload: Json): boolean {
  return payload.streaming === false || payload.status === "completed" || payload.status === "error";
}

function isAlarming({ statusTone }: Json): boolean {
  return statusTone === "warning" || statusTone === "error";
}

function assistantFinal(message: Json, payload: Json): readonly Event[] {
  const trouble = payload.status === "error" ? loadFaults().errorEvents("assistant", message, payload) : NOTHING;
  return [...apologies(payload), ...trouble, { type: "replyEnd" }];
}

function apologies(payload: Json): readonly Event[] {
  const confessed = apologyFault(payload.content ?? payload.message);
  return confessed === null ? NOTHING : [{ type: "fault", fault: confessed }];
}
