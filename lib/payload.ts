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

/**
 * Reads an `audio_data` message: the browser's audio, and the twin of VoiceLive's phone audio.
 * `is_final` with data ends a sentence (cascade); without data it ends the reply (VoiceLive).
 * Throws SyntaxError when what surrounds the audio is not JSON.
 */
export function decodeAudioData(message: string): readonly Event[] {
  const span = dataSpan(message);
  const rest = span === null ? message : message.slice(0, span.start) + message.slice(span.end);
  const fields = asObject(JSON.parse(rest));
  const bytes = span === null ? 0 : base64Bytes(message, span.start, span.end);
  if (bytes === 0) return fields.is_final === true ? REPLY_END : NOTHING;
  const rateHz = fields.sample_rate;
  if (typeof rateHz !== "number" || !(rateHz > 0)) return NOTHING;
  const ms = pcmMs(bytes, rateHz);
  const responseId = fields.response_id;
  return typeof responseId === "string" ? [{ type: "audio", ms, responseId }] : [{ type: "audio", ms }];
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
