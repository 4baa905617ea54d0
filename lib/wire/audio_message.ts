/**
 * Reads the audio in JSON messages without decoding the samples: its duration follows from the length of the base64
 * text. The samples are cut out before the rest is parsed, because parsing every audio message completely costs a fifth
 * to a half of a caller's CPU.
 */

import type { Event } from "../conversation/event.ts";
import { base64Bytes } from "./base64.ts";
import { asObject, field, type Json, parseJson } from "./json.ts";
import { loadSpelling } from "./spelling.lazy.ts";
import { loadUnread } from "./unread.lazy.ts";

/** A range of characters of a message; `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What an audio message means, whatever its samples are. */
export interface AudioMessage {
  /** Its events when it is audible from its first sample on; the only events of a message without audio. */
  readonly events: readonly Event[];
  /** Its events when nothing of it is audible. */
  readonly silence: readonly Event[];
  /** Length of its audio, in ms. */
  readonly ms: number;
  /** True when the message itself says that it is silent. */
  readonly saysSilent: boolean;
  /** The rate of its samples, in Hz. */
  readonly rateHz: number;
  /** Its samples as base64, where they do not stand in the message as they are because characters are escaped. */
  readonly text: string | null;
  /** Where its samples stand in the message as they are; null where they do not. */
  readonly span: Span | null;
}

/** The key of the samples: its name, and as agents spell it. Messages with another spelling are parsed as a whole. */
interface SamplesKey {
  readonly name: string;
  readonly keys: readonly string[];
}

const IN_DATA: SamplesKey = { name: "data", keys: ['"data"', '"Data"', '"DATA"'] };
const IN_DELTA: SamplesKey = { name: "delta", keys: ['"delta"'] };
const IN_PAYLOAD: SamplesKey = { name: "payload", keys: ['"payload"'] };

/** How many characters at most the beginning of a message is that tells its type. */
const OPENING_CHARS = 100;

const NOTHING: readonly Event[] = [];
const REPLY_END: readonly Event[] = [{ type: "replyEnd" }];

/** True when a message begins as an `AudioData` message does, in any case and with any white space. */
export function opensPhoneAudio(message: string): boolean {
  return opensWith(message, '"kind"', '"audiodata"');
}

/** True when a message begins as an `audio_data` message does, in any case and with any white space. */
export function opensAudioData(message: string): boolean {
  return opensWith(message, '"type"', '"audio_data"');
}

function opensWith(message: string, key: string, value: string): boolean {
  const opening = message.slice(0, OPENING_CHARS).toLowerCase();
  const braceAt = skipSpace(opening, 0);
  const keyAt = skipSpace(opening, braceAt + 1);
  const colonAt = skipSpace(opening, keyAt + key.length);
  const valueAt = skipSpace(opening, colonAt + 1);
  return (
    opening[braceAt] === "{" &&
    opening.startsWith(key, keyAt) &&
    opening[colonAt] === ":" &&
    opening.startsWith(value, valueAt)
  );
}

/** Returns where something other than white space stands, from a position on. A byte order mark is white space too. */
function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at]?.trim() === "") at += 1;
  return at;
}

/** Finds a string under the key of the samples, without its quotes; null when there is none, or it has escapes. */
function dataSpan(message: string, keys: readonly string[]): Span | null {
  for (const key of keys)
    for (let keyAt = message.indexOf(key); keyAt >= 0; keyAt = message.indexOf(key, keyAt + 1)) {
      const span = stringBehind(message, keyAt + key.length);
      if (span !== null) return span;
    }
  return null;
}

/** Returns where the string value of a key is that ends at a position; null for another value or one with escapes. */
function stringBehind(message: string, keyEnd: number): Span | null {
  const colonAt = skipSpace(message, keyEnd);
  const quoteAt = skipSpace(message, colonAt + 1);
  if (message[colonAt] !== ":" || message[quoteAt] !== '"') return null;
  const start = quoteAt + 1;
  const end = message.indexOf('"', start);
  const escapeAt = message.indexOf("\\", start);
  return end >= 0 && (escapeAt < 0 || escapeAt > end) ? { start, end } : null;
}

/**
 * Reads an `AudioData` message of the phone wire. Agents, SDKs and the ACS documentation differ in the case of its
 * keys, and the SDKs write `isSilent` where the wire has `silent`. Throws SyntaxError when it is not JSON.
 */
export function readPhoneAudio(message: string, rateHz: number): AudioMessage {
  const { bytes, section, ...place } = readSamples(message, IN_DATA, (fields) => asObject(field(fields, "audioData")));
  if (bytes === 0) return withoutAudio(promisesData(section) ? unread(message) : NOTHING);
  return { ...audio(bytes / 2, rateHz), ...place, saysSilent: saysSilent(section), rateHz };
}

/** Returns the rate that an `AudioMetadata` message announces, in Hz; null where it names none. */
export function announcedRateHz(message: Json): number | null {
  const rateHz = Number(field(asObject(field(message, "audioMetadata")), "sampleRate"));
  return rateHz > 0 ? rateHz : null;
}

/**
 * Reads an `audio_data` message. On the browser wire all audio is of this type. On the phone wire VoiceLive sends it as
 * a duplicate of each `AudioData` message (its twin; see acs.ts).
 *
 * Audio that does not name its rate has `rateHz`. `is_final` with data ends a sentence and adds no event (cascade);
 * without data it ends the reply (VoiceLive). Throws SyntaxError when it is not JSON.
 */
export function readAudioData(message: string, rateHz: number): AudioMessage {
  const { bytes, section, ...place } = readSamples(message, IN_DATA, (fields) => fields);
  if (bytes === 0) {
    if (field(section, "is_final") === true) return withoutAudio(REPLY_END);
    return withoutAudio(promisesData(section) ? unread(message) : NOTHING);
  }
  const ownHz = Number(field(section, "sample_rate") ?? rateHz);
  if (!(ownHz > 0)) return withoutAudio(unread(message));
  const id = field(section, "response_id");
  const responseId = typeof id === "string" ? id : undefined;
  return { ...audio(bytes / 2, ownHz, responseId), ...place, saysSilent: saysSilent(section), rateHz: ownHz };
}

/**
 * Reads a `media` message of Twilio's wire: mu-law at `rateHz`, in `media.payload`. Throws SyntaxError when it is not JSON.
 */
export function readMedia(message: string, rateHz: number): AudioMessage {
  const {
    bytes,
    section: _,
    ...place
  } = readSamples(message, IN_PAYLOAD, (fields) => (fields.event === "media" ? asObject(fields.media) : {}));
  if (bytes === 0) return withoutAudio(NOTHING);
  return { ...audio(bytes, rateHz), ...place, saysSilent: false, rateHz };
}

/** The types of a message with audio of a reply, in the API of 2025 and in its beta. */
const DELTAS: readonly unknown[] = ["response.output_audio.delta", "response.audio.delta"];

/**
 * Reads an audio delta of a Realtime API: 16-bit PCM at `rateHz`, in `delta`. Deltas of text have no audio. Throws SyntaxError
 * when it is not JSON.
 */
export function readAudioDelta(message: string, rateHz: number): AudioMessage {
  const { bytes, section, ...place } = readSamples(message, IN_DELTA, (fields) =>
    DELTAS.includes(fields.type) ? fields : {},
  );
  if (bytes === 0) return withoutAudio(NOTHING);
  const id = section.response_id;
  return {
    ...audio(bytes / 2, rateHz, typeof id === "string" ? id : undefined),
    ...place,
    saysSilent: false,
    rateHz,
  };
}

/** What `readSamples` found: the object that holds the samples, and how many bytes they are. */
interface Samples extends Pick<AudioMessage, "span" | "text"> {
  readonly section: Json;
  readonly bytes: number;
}

function readSamples(message: string, { keys, name }: SamplesKey, sectionOf: (fields: Json) => Json): Samples {
  const span = dataSpan(message, keys);
  if (span !== null) {
    const section = sectionOf(asObject(parseJson(message.slice(0, span.start) + message.slice(span.end))));
    // Another key `data` may stand in front of the samples; then the whole message is parsed.
    if (field(section, name) === "")
      return { section, bytes: base64Bytes(message, span.start, span.end), text: null, span };
  }
  const section = sectionOf(asObject(parseJson(message)));
  const data = field(section, name);
  const text = typeof data === "string" ? loadSpelling().withoutBreaks(data) : "";
  return { section, bytes: base64Bytes(text), text, span: null };
}

function audio(samples: number, rateHz: number, responseId?: string): Pick<AudioMessage, "events" | "silence" | "ms"> {
  const ms = (samples / rateHz) * 1000;
  const event: Event = responseId === undefined ? { type: "audio", ms } : { type: "audio", ms, responseId };
  return { ms, events: [event], silence: [{ type: "silence", ms }] };
}

function withoutAudio(events: readonly Event[]): AudioMessage {
  return { events, silence: NOTHING, ms: 0, saysSilent: false, rateHz: 0, text: null, span: null };
}

/** True when an object that should hold samples holds something else. */
function promisesData(section: Json): boolean {
  const data = field(section, "data");
  return Object.keys(section).length > 0 && data !== null && typeof data !== "string";
}

function saysSilent(section: Json): boolean {
  return (field(section, "silent") ?? field(section, "isSilent")) === true;
}

function unread(message: string): readonly Event[] {
  return loadUnread().unreadEvents(asObject(parseJson(message)));
}
