/**
 * Audio inside JSON messages, measured without parsing or decoding it: the length of base64 is arithmetic.
 * Parsing every audio frame whole costs a fifth to a half of a caller's CPU.
 */

import type { Event } from "../conversation/event.ts";
import { asObject } from "./json.ts";

/** Where the base64 text of a message begins and ends. */
interface Span {
  readonly start: number;
  readonly end: number;
}

const NOTHING: readonly Event[] = [];
const REPLY_END: readonly Event[] = [{ type: "replyEnd" }];

/** The codes of `=`, which pads base64, and of the digits. */
const PADDING = 61;
const ZERO = 48;
const NINE = 57;

/** True when a message opens like `{"KEY":"VALUE"`, compact or spaced: agents emit both. */
export function opensWith(message: string, key: string, value: string): boolean {
  return message.startsWith(`{"${key}":"${value}"`) || message.startsWith(`{"${key}": "${value}"`);
}

/** Bytes that base64 text stands for; its padding counts. */
export function base64Bytes(text: string, start = 0, end = text.length): number {
  const padding = text.endsWith("==", end) ? 2 : text.endsWith("=", end) ? 1 : 0;
  return Math.max(0, Math.floor(((end - start) * 3) / 4) - padding);
}

/** Bytes of audio under the first `"data"` key of a message; 0 when there is none. */
export function dataBytes(message: string): number {
  const span = dataSpan(message);
  return span === null ? 0 : base64Bytes(message, span.start, span.end);
}

/** Length in ms of 16-bit mono audio. */
export function pcmMs(bytes: number, rateHz: number): number {
  return (bytes / 2 / rateHz) * 1000;
}

/** What an `audio_data` message says beside its samples. */
interface AudioFields {
  readonly isFinal: boolean;
  /** 0 where the message names no usable rate. */
  readonly rateHz: number;
  readonly responseId: string | undefined;
}

/**
 * Says what an `audio_data` message means: the browser's audio, and the twins of VoiceLive's phone audio. Its samples are
 * left out of what is parsed. Throws SyntaxError when what surrounds them is not JSON.
 *
 * `is_final` with data ends a sentence (cascade); without data it ends the reply (VoiceLive).
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

/** How the last audio message looked around its samples. */
export interface AudioTemplate {
  /** What the remembered message meant, when this one differs from it in its samples and its number only; else null. */
  match(message: string): readonly Event[] | null;
  /** Reads a message and remembers what it meant; one without samples is not remembered. Throws what the reader throws. */
  read(message: string): readonly Event[];
}

/**
 * Makes a memory of audio messages that a reader explains: most of a reply are alike but for their samples and, on the browser wire, for the
 * `frame_index`, which comes before the samples or after them:
 *
 *     opening number bridge samples closing   |   opening samples bridge number closing
 */
export function audioTemplate(meaningOf: (message: string) => readonly Event[]): AudioTemplate {
  let opening = "";
  let bridge = "";
  let closing = "";
  let numberFirst = false;
  let numbered = false;
  let chars = -1;
  let padding = 0;
  let meaning: readonly Event[] = NOTHING;

  const fits = (message: string, from: number, to: number) => (numbered ? isNumber(message, from, to) : from === to);

  const learn = (message: string, events: readonly Event[]) => {
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
    meaning = events;
  };

  return {
    match(message) {
      if (chars < 0 || !message.startsWith(opening) || !message.endsWith(closing)) return null;
      const at = opening.length;
      const start = numberFirst ? message.indexOf(bridge, at) + bridge.length : at;
      const end = start + chars;
      if (message.indexOf('"', start) !== end || paddingBefore(message, end) !== padding) return null;
      const alike = numberFirst
        ? isNumber(message, at, start - bridge.length) && message.length === end + closing.length
        : message.startsWith(bridge, end) && fits(message, end + bridge.length, message.length - closing.length);
      return alike ? meaning : null;
    },
    read(message) {
      const events = meaningOf(message);
      learn(message, events);
      return events;
    },
  };
}

/** How many characters in front of a place pad base64; a third one is not looked for. */
function paddingBefore(message: string, end: number): number {
  if (message.charCodeAt(end - 1) !== PADDING) return 0;
  return message.charCodeAt(end - 2) === PADDING ? 2 : 1;
}

/** True for one to nine digits. */
function isNumber(message: string, from: number, to: number): boolean {
  if (to <= from || to - from > 9) return false;
  for (let at = from; at < to; at += 1) {
    const code = message.charCodeAt(at);
    if (code < ZERO || code > NINE) return false;
  }
  return true;
}

/** Where the digits of the `frame_index` are: the one field beside the samples that differs in each message of a reply. */
function numberSpan(message: string): Span | null {
  const key = message.indexOf('"frame_index"');
  if (key < 0) return null;
  let start = key + 13;
  while (message[start] === " " || message[start] === ":") start += 1;
  let end = start;
  while (isNumber(message, end, end + 1)) end += 1;
  return end === start ? null : { start, end };
}

function dataSpan(message: string): Span | null {
  const key = message.indexOf('"data"');
  if (key < 0) return null;
  let start = key + 6;
  while (message[start] === " " || message[start] === ":") start += 1;
  if (message[start] !== '"') return null;
  const end = message.indexOf('"', start + 1);
  return end < 0 ? null : { start: start + 1, end };
}
