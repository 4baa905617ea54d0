/**
 * Audio inside JSON messages, measured without parsing or decoding it: the length of base64 is arithmetic.
 * Parsing every audio frame whole costs a fifth to a half of a caller's CPU.
 */

import { asObject } from "./envelope.ts";
import type { Event } from "./event.ts";

/** Where the base64 text of a message begins and ends. */
interface Span {
  readonly start: number;
  readonly end: number;
}

const NOTHING: readonly Event[] = [];
const REPLY_END: readonly Event[] = [{ type: "replyEnd" }];

/** The code of `=`, which pads base64. */
const PADDING = 61;

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

/** The one field that differs in each message of a reply, and says nothing that is measured. */
const FRAME_INDEX = /"frame_index": ?\d+/;
const FIRST = '"frame_index":0';

/**
 * Makes a reader of `audio_data` messages: the browser's audio, and the twins of VoiceLive's phone audio. What surrounds
 * the samples is parsed once for each wording: the messages of one reply differ in their samples and their number only.
 *
 * `is_final` with data ends a sentence (cascade); without data it ends the reply (VoiceLive).
 * Reading throws SyntaxError when what surrounds the audio is not JSON.
 */
export function audioDataReader(): (message: string) => readonly Event[] {
  let known = "";
  let fields: AudioFields = { isFinal: false, rateHz: 0, responseId: undefined };
  return (message) => {
    const span = dataSpan(message);
    const around = span === null ? message : message.slice(0, span.start) + message.slice(span.end);
    const wording = around.replace(FRAME_INDEX, FIRST);
    if (wording !== known) {
      fields = fieldsOf(wording);
      known = wording;
    }
    const { isFinal, rateHz, responseId } = fields;
    const bytes = span === null ? 0 : base64Bytes(message, span.start, span.end);
    if (bytes === 0) return isFinal ? REPLY_END : NOTHING;
    if (rateHz === 0) return NOTHING;
    const ms = pcmMs(bytes, rateHz);
    return responseId === undefined ? [{ type: "audio", ms }] : [{ type: "audio", ms, responseId }];
  };
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
export interface AudioShape {
  /** What the remembered message meant, when this one differs from it in its samples only; else null. */
  match(message: string): readonly Event[] | null;
  /** Remembers a message and what it meant; one without samples is not remembered. */
  learn(message: string, events: readonly Event[]): void;
}

/** Makes a memory of audio messages: on a phone, most are alike to the byte. */
export function audioShape(): AudioShape {
  let length = -1;
  let head = "";
  let headLength = 0;
  let tail = "";
  let end = 0;
  let padding = 0;
  let meaning: readonly Event[] = NOTHING;
  return {
    match(message) {
      if (message.length !== length || !message.startsWith(head) || !message.endsWith(tail)) return null;
      if (message.indexOf('"', headLength) !== end) return null;
      // What is padded by more than the tail says is shorter than it looks.
      return padding < 2 && message.charCodeAt(end - 1 - padding) === PADDING ? null : meaning;
    },
    learn(message, events) {
      const span = dataSpan(message);
      if (span === null || span.start === span.end) return;
      length = message.length;
      head = message.slice(0, span.start);
      headLength = span.start;
      padding = message.endsWith("==", span.end) ? 2 : message.endsWith("=", span.end) ? 1 : 0;
      tail = message.slice(span.end - padding);
      end = span.end;
      meaning = events;
    },
  };
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
