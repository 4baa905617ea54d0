/**
 * Describes messages that nobody could read, so that a report can say what came: the name that the message gives itself
 * and its shape, which is its keys and the types and lengths of their values, never a value. A lazy module: agents send
 * such messages seldom.
 */

import type { Event } from "../conversation/event.ts";
import { asObject, field, type Json } from "./json.ts";

/** The most keys of an object that a shape shows, how deep it goes, and the longest name or key, in characters. */
const MAX_KEYS = 8;
const MAX_DEPTH = 2;
const MAX_NAME = 40;

/** How many characters are made of bytes at once. */
const TEXT_STEP = 4096;

/** Loads the module. */
export function loadUnread() {
  return { badJsonEvents, binaryEvents, jsonText, unreadEvents };
}

/** The events of a parsed message of an unknown type, or without what its type promises. */
function unreadEvents(message: Json): readonly Event[] {
  return notice("unknown_message", nameOf(message), shapeOf(message, 0));
}

/** The events of a text that is not JSON. */
function badJsonEvents(text: string): readonly Event[] {
  const first = text.trimStart()[0] ?? "nothing";
  const begins = /[{[<"]/.test(first) ? `, begins with ${first}` : "";
  return notice("bad_json", "text", `${text.length} characters that are not JSON${begins}`);
}

/** The events of a binary message that holds no JSON text. */
function binaryEvents(bytes: number): readonly Event[] {
  return notice("unknown_message", "binary", `${bytes} bytes in a binary message`);
}

/** Returns the text of a binary message that begins as JSON does, which some agents send; else null. */
function jsonText(message: ArrayBuffer): string | null {
  const bytes = new Uint8Array(message);
  let text = "";
  for (let at = 0; at < bytes.length; at += TEXT_STEP) {
    text += String.fromCharCode(...bytes.subarray(at, at + TEXT_STEP));
    if (at === 0 && !/^(?:\xef\xbb\xbf)?\s*\{/.test(text)) return null;
  }
  return text === "" ? null : text.replace(/[\x80-\xff]+/g, utf8);
}

/** Decodes characters that are the bytes of UTF-8; what is none stays as it is. */
function utf8(bytes: string): string {
  try {
    return decodeURIComponent([...bytes].map((byte) => `%${byte.charCodeAt(0).toString(16)}`).join(""));
  } catch {
    return bytes;
  }
}

function notice(code: string, name: string, shape: string): readonly Event[] {
  return [{ type: "fault", fault: { kind: "notice", code, unread: { name, shape } } }];
}

/** The type of a message: of an event envelope, that of the event. */
function nameOf(message: Json): string {
  const type = field(message, "kind") ?? field(message, "type");
  const payload = asObject(field(message, "payload"));
  const event =
    String(type).toLowerCase() === "event" ? (field(payload, "event_type") ?? field(payload, "type")) : undefined;
  const name = event ?? type;
  return typeof name === "string" ? shorten(name) : "without a type";
}

/** Keys with the types of their values: `{kind: string(9), audioData: {data: string(1708)}}`. */
function shapeOf(value: unknown, depth: number): string {
  if (typeof value === "string") return `string(${value.length})`;
  if (Array.isArray(value)) return `array(${value.length})`;
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  const keys = Object.keys(value);
  if (depth >= MAX_DEPTH) return `object(${keys.length})`;
  const shown = keys.slice(0, MAX_KEYS).map((key) => `${shorten(key)}: ${shapeOf((value as Json)[key], depth + 1)}`);
  return `{${shown.join(", ")}${keys.length > MAX_KEYS ? ", ..." : ""}}`;
}

/** Keeps what a type or a key is made of: nothing that could be content or a control character. */
function shorten(name: string): string {
  return name.replace(/[^\w.:-]+/g, "_").slice(0, MAX_NAME);
}
