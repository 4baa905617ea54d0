/**
 * Decodes the JSON messages that agents send besides audio, on every wire: event envelopes, tool messages, stops,
 * errors and session ends. They are classified by their type and status fields, never by searching their text.
 */

import type { Event } from "../conversation/event.ts";
import { apologyFault } from "./apology.ts";
import type { Tokens } from "./codec.ts";
import { loadFaults } from "./faults.lazy.ts";
import { asObject, field, type Json, parseJson } from "./json.ts";
import { loadSpelling } from "./spelling.lazy.ts";
import { loadUnread } from "./unread.lazy.ts";

const NOTHING: readonly Event[] = [];
const STOP: readonly Event[] = [{ type: "stop" }];

/** The actions of a `control` message that stop the caller's player. */
const STOP_ACTIONS: readonly string[] = ["tts_cancelled", "audio_stop"];

/**
 * Parses a message that is not audio. The call's own id is removed first, because it may contain by chance what is
 * searched for, such as `429` or `end`. Where no key names the message, its keys are spelt in another way, and are
 * renamed to their usual spelling. Returns an empty object for JSON that is no object. Throws SyntaxError when it is not JSON.
 */
export function parseMessage(text: string, callId: string): Json {
  const message = asObject(parseJson(text.replaceAll(callId, "")));
  const isNamed = typeof message.type === "string" || typeof message.kind === "string";
  return isNamed ? message : loadSpelling().withUsualKeys(message);
}

/**
 * Returns the value of the key that names a message: `kind` in the ACS format, `type` elsewhere, or an event's
 * `event_type`. In lower case, because SDKs differ in it; undefined where it is no string.
 */
export function typeOf(message: Json, key: "kind" | "type" | "event_type"): string | undefined {
  const name = message[key];
  return typeof name === "string" ? name.toLowerCase() : undefined;
}

/**
 * Returns the events of a parsed message that is not audio: by its `kind` (ACS format), by the event of an event
 * envelope, or by its `type`. A message of an unknown agent is classified by `tokens`; one that they do not match is a
 * notice.
 */
export function decodeMessage(message: Json, tokens: Tokens): readonly Event[] {
  return decodeKnown(message) ?? decodeUnknown(message, tokens);
}

/** Decodes the messages of known agents; null for an unknown one. */
function decodeKnown(message: Json): readonly Event[] | null {
  const payload = asObject(field(message, "payload"));
  const kind = typeOf(message, "kind");
  if (kind !== undefined) return byKind(kind, message);
  const type = typeOf(message, "type");
  return type === "event" ? byEvent(eventOf(payload), message, payload) : byType(type, message, payload);
}

/** Decodes a message that may be unknown only because its keys are spelt in another way. */
function decodeUnknown(spelt: Json, tokens: Tokens): readonly Event[] {
  const message = loadSpelling().withUsualKeys(spelt);
  const payload = asObject(message.payload);
  const type = typeOf(message, "kind") ?? typeOf(message, "type");
  const name = type === "event" ? eventOf(payload) : type;
  const known = decodeKnown(message) ?? byTokens([name, payload.status, message.status], tokens);
  return known ?? loadUnread().unreadEvents(spelt);
}

function eventOf(payload: Json): string | undefined {
  return typeOf(payload, "event_type") ?? typeOf(payload, "type");
}

/** Decodes messages without an envelope, and envelopes other than events, by `type`; null for an unknown type. */
function byType(type: unknown, message: Json, payload: Json): readonly Event[] | null {
  switch (type) {
    case "assistant_streaming":
    case "assistant":
      return [{ type: "replyText" }, ...apologyEvents(payload)];
    case "assistant_final":
      return [{ type: "replyText" }, ...apologyEvents(message), { type: "replyEnd" }];
    case "control":
      return isOneOf(field(message, "action"), STOP_ACTIONS) ? STOP : NOTHING;
    case "tool_start":
      return [{ type: "toolStart" }];
    case "tool_end":
      return [{ type: "toolEnd" }, ...(field(message, "error") ? loadFaults().errorEvents(type, message) : NOTHING)];
    case "error":
    case "tts_error":
    case "session_end":
      return loadFaults().errorEvents(type, message);
    case "status":
      return isWarningOrError(payload) ? loadFaults().errorEvents(type, message) : NOTHING;
    case "tool_progress":
    case "exit":
    case "debug":
    case "turn_metrics":
      return NOTHING;
    default:
      return null;
  }
}

/** Decodes event envelopes, by `payload.event_type` or else `payload.type`; null for an unknown event. */
function byEvent(name: unknown, message: Json, payload: Json): readonly Event[] | null {
  switch (name) {
    case "user":
      return isFinal(payload) ? [{ type: "userFinal" }] : NOTHING;
    case "assistant":
      return isFinal(payload) ? assistantFinal(message, payload) : NOTHING;
    case "assistant_cancelled":
      return [{ type: "cancelled" }];
    case "orchestration_error":
      return loadFaults().errorEvents(name, message);
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

/**
 * Decodes messages in the ACS format, by `kind` in lower case; null for an unknown one. The phone codec decodes `AudioData` itself
 * (acs.ts).
 */
function byKind(kind: unknown, message: Json): readonly Event[] | null {
  if (kind === "stopaudio") return STOP;
  if (kind === "audiometadata") return NOTHING;
  return kind === "errordata" ? loadFaults().errorEvents(kind, message) : null;
}

/**
 * Classifies a message of an unknown agent: the tokens are compared with whole words of its type and status fields. Null
 * where none matches.
 */
function byTokens(fields: readonly unknown[], tokens: Tokens): readonly Event[] | null {
  const words = fields.flatMap((text) => (typeof text === "string" ? text.toLowerCase().split(/[^a-z0-9]+/) : []));
  if (tokens.end.some((token) => words.includes(token))) return [{ type: "replyEnd" }];
  if (tokens.response.some((token) => words.includes(token))) return [{ type: "replyText" }];
  return null;
}

function isFinal(payload: Json): boolean {
  return field(payload, "streaming") === false || isOneOf(field(payload, "status"), ["completed", "error"]);
}

function isWarningOrError(payload: Json): boolean {
  return isOneOf(field(payload, "statusTone"), ["warning", "error"]);
}

function isOneOf(value: unknown, words: readonly string[]): boolean {
  return typeof value === "string" && words.includes(value.toLowerCase());
}

function assistantFinal(message: Json, payload: Json): readonly Event[] {
  const errors = isOneOf(field(payload, "status"), ["error"])
    ? loadFaults().errorEvents("assistant", message)
    : NOTHING;
  return [...apologyEvents(payload), ...errors, { type: "replyEnd" }];
}

function apologyEvents(payload: Json): readonly Event[] {
  const fault = apologyFault(field(payload, "content") ?? field(payload, "message"));
  return fault === null ? NOTHING : [{ type: "fault", fault }];
}
