/**
 * Measures the audio in JSON messages without parsing or decoding the samples: its duration follows from the length of
 * the base64 text. Parsing every audio message completely costs a fifth to a half of a caller's CPU.
 */

import type { Event } from "../conversation/event.ts";
import { asObject } from "./json.ts";

/** A range of characters of a message; `end` is exclusive. */
interface Span {
  readonly start: number;
  readonly end: number;
}

const NOTHING: readonly Event[] = [];
const REPLY_END: readonly Event[] = [{ type: "replyEnd" }];

/** The character codes of `=`, which pads base64, and of the first and the last digit. */
const PADDING = 61;
const ZERO = 48;
const NINE = 57;

/** True when a message begins with `{"KEY":"VALUE"`, with or without a space after the colon: agents send both. */
export function opensWith(message: string, key: string, value: string): boolean {
  return message.startsWith(`{"${key}":"${value}"`) || message.startsWith(`{"${key}": "${value}"`);
}

/** Bytes that the base64 text in [start, end) encodes: 3 for 4 characters, less its padding. */
export function base64Bytes(text: string, start = 0, end = text.length): number {
  const padding = text.endsWith("==", end) ? 2 : text.endsWith("=", end) ? 1 : 0;
  return Math.max(0, Math.floor(((end - start) * 3) / 4) - padding);
}

/** Bytes of audio in the string of the first `"data"` key of a message; 0 when there is none. */
export function dataBytes(message: string): number {
  const span = dataSpan(message);
  return span === null ? 0 : base64Bytes(message, span.start, span.end);
}

/** Duration in ms of 16-bit mono PCM. */
export function pcmMs(bytes: number, rateHz: number): number {
  return (bytes / 2 / rateHz) * 1000;
}

/** The fields of an `audio_data` message besides its samples. */
interface AudioFields {
  readonly isFinal: boolean;
  /** 0 where the message has no positive `sample_rate`. */
  readonly rateHz: number;
  readonly responseId: string | undefined;
}

/**
 * Returns the events of an `audio_data` message. On the browser wire all audio is of this type. On the phone wire
 * VoiceLive sends it as a duplicate of each `AudioData` message (its twin; see acs.ts).
 *
 * The samples are cut out before the rest is parsed. Throws SyntaxError when the rest is not JSON. Audio without a
 * usable rate is no event. `is_final` with data ends a sentence and adds no event (cascade); without data it ends the
 * reply (VoiceLive).
 */
export function decodeAudioData(message: string): readonly Event[] {
  const span = dataSpan(message);
  const around = span === null ? message : message.slice(0, span.start) + message.slice(span.end);
  const { isFinal, rateHz, responseId } = fieldsOf(around);
  const bytes = span === null ? 0 : base64Bytes(message, span.start, span.end);
  if (bytes === 0) return isFinal ? REPLY_END : NOTHING;
  if (rateHz === 0) return NOTHING;
  const ms = pcmMs(bytes, rateHz);
  return responseId === undefined ? [{ type: "audio", ms }] : [{ type: "audio", ms, responseId }];
}

function fieldsOf(json: string): AudioFields {
  const { is_final: isFinal, response_id: responseId, sample_rate: rateHz } = asObject(JSON.parse(json));
  return {
    isFinal: isFinal === true,
    rateHz: typeof rateHz === "number" && rateHz > 0 ? rateHz : 0,
    responseId: typeof responseId === "string" ? responseId : undefined,
  };
}

/** The last audio message without its samples, and its events: messages that look the same need not be decoded. */
export interface AudioTemplate {
  /**
   * Returns the events of the stored message when this one differs from it only in its samples, of which there are as
   * many, and in its `frame_index`; else null.
   */
  match(message: string): readonly Event[] | null;
  /**
   * Decodes a message and stores it with its events; one without samples is not stored. Throws what the decoder throws.
   */
  read(message: string): readonly Event[];
}

/**
 * Makes an empty template for audio messages that `decode` decodes. Most messages of a reply differ only in their
 * samples and, on the browser wire, in the number of `frame_index`, which stands before the samples or after them:
 *
 *     opening number bridge samples closing   |   opening samples bridge number closing
 */
export function audioTemplate(decode: (message: string) => readonly Event[]): AudioTemplate {
  let opening = "";
  let bridge = "";
  let closing = "";
  let numberFirst = false;
  let numbered = false;
  let chars = -1;
  let padding = 0;
  let storedEvents: readonly Event[] = NOTHING;

  const fits = (message: string, from: number, to: number) => (numbered ? isNumber(message, from, to) : from === to);

  const store = (message: string, events: readonly Event[]) => {
    const span = dataSpan(message);
    if (span === null || span.start === span.end) return;
    const number = numberSpan(message);
    numbered = number !== null;
    numberFirst = number !== null && number.start < span.start;
    const first = numberFirst && number !== null ? number : span;
    const second = numberFirst ? span : (number ?? { start: span.end, end: span.end });
    opening = message.slice(0, first.start);
    bridge = message.slice(first.end, second.start);
    closing = message.slice(second.end);
    chars = span.end - span.start;
    padding = paddingBefore(message, span.end);
    storedEvents = events;
  };

  return {
    match(message) {
      if (chars < 0 || !message.startsWith(opening) || !message.endsWith(closing)) return null;
      const at = opening.length;
      const start = numberFirst ? message.indexOf(bridge, at) + bridge.length : at;
      const end = start + chars;
      if (message.indexOf('"', start) !== end || paddingBefore(message, end) !== padding) return null;
      const isSame = numberFirst
        ? isNumber(message, at, start - bridge.length) && message.length === end + closing.length
        : message.startsWith(bridge, end) && fits(message, end + bridge.length, message.length - closing.length);
      return isSame ? storedEvents : null;
    },
    read(message) {
      const events = decode(message);
      store(message, events);
      return events;
    },
  };
}

/** Counts the base64 padding characters just before a position, 2 at most: base64 has no more. */
function paddingBefore(message: string, end: number): number {
  if (message.charCodeAt(end - 1) !== PADDING) return 0;
  return message.charCodeAt(end - 2) === PADDING ? 2 : 1;
}

/** True when the range [from, to) is one to nine digits. */
function isNumber(message: string, from: number, to: number): boolean {
  if (to <= from || to - from > 9) return false;
  for (let at = from; at < to; at += 1) {
    const code = message.charCodeAt(at);
    if (code < ZERO || code > NINE) return false;
  }
  return true;
}

/**
 * Finds the digits of `frame_index`, the only field besides the samples that differs in every message of a reply; null
 * when there are none.
 */
function numberSpan(message: string): Span | null {
  const key = message.indexOf('"frame_index"');
  if (key < 0) return null;
  let start = key + 13;
  while (message[start] === " " || message[start] === ":") start += 1;
  let end = start;
  while (isNumber(message, end, end + 1)) end += 1;
  return end === start ? null : { start, end };
}

/** Finds the string of the first `"data"` key, without its quotes; null when there is none. */
function dataSpan(message: string): Span | null {
  const key = message.indexOf('"data"');
  if (key < 0) return null;
  let start = key + 6;
  while (message[start] === " " || message[start] === ":") start += 1;
  if (message[start] !== '"') return null;
  const end = message.indexOf('"', start + 1);
  return end < 0 ? null : { start: start + 1, end };
}
