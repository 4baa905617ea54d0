/**
 * Recognises audio messages that look like the one before: most messages of a reply differ only in their samples, so
 * that they need not be parsed.
 */

import type { Event } from "../conversation/event.ts";
import type { AudioMessage, Span } from "./audio_message.ts";
import type { SoundCheck } from "./sound.ts";

const NOTHING: readonly Event[] = [];

/** The character codes of `=`, which pads base64, and of the first and the last digit. */
const PADDING = 61;
const ZERO = 48;
const NINE = 57;
const QUOTE = 34;
const BACKSLASH = 92;

/** The last audio message without its samples, and what it means: messages that look the same need not be parsed. */
export interface AudioTemplate {
  /**
   * Returns where the samples begin when a message differs from the stored one only in its samples, of which there are
   * as many, and in its `frame_index`; else -1.
   */
  samplesAt(message: string): number;
  /** Returns the events of a message that `samplesAt` recognised; `closely`: its samples are decoded (SoundCheck). */
  eventsAt(message: string, at: number, closely: boolean): readonly Event[];
  /**
   * Reads a message and stores it, unless it has no samples or they are escaped. Returns its events. Throws what the
   * reader throws.
   */
  read(message: string, closely: boolean): readonly Event[];
}

/** A field that differs in every message of a reply, beside the samples: its key, and whether a range can be its value. */
export interface VaryingField {
  /** With its quotes. */
  readonly key: string;
  isValue(message: string, from: number, to: number): boolean;
}

/** The number of a message. */
export const FRAME_INDEX: VaryingField = { key: '"frame_index"', isValue: isNumber };

/** The id of a message: a string, without its first quote. */
export const EVENT_ID: VaryingField = { key: '"event_id"', isValue: isId };

/**
 * Makes an empty template for audio messages that `readMessage` reads. The value of `varying` is the only other
 * field that differs within a reply; it stands before the samples or after them:
 *
 *     opening value bridge samples closing   |   opening samples bridge value closing
 */
export function audioTemplate(
  readMessage: (message: string) => AudioMessage,
  soundCheck: SoundCheck,
  varying = FRAME_INDEX,
): AudioTemplate {
  const { isValue } = varying;
  let opening = "";
  let bridge = "";
  let closing = "";
  let numberFirst = false;
  let numbered = false;
  let chars = -1;
  let padding = 0;
  /** What a message without a number has around its samples, their padding included, and how long all of it is. */
  let openingChars = 0;
  let paddedClosing = "";
  let messageChars = -1;
  let stored: AudioMessage | null = null;

  const store = (message: string, span: Span, read: AudioMessage) => {
    const number = valueSpan(message, varying);
    numbered = number !== null;
    numberFirst = number !== null && number.start < span.start;
    const first = numberFirst && number !== null ? number : span;
    const second = numberFirst ? span : (number ?? { start: span.end, end: span.end });
    opening = message.slice(0, first.start);
    bridge = message.slice(first.end, second.start);
    closing = message.slice(second.end);
    chars = span.end - span.start;
    padding = paddingBefore(message, span.end);
    openingChars = opening.length;
    paddedClosing = "=".repeat(padding) + closing;
    messageChars = numbered ? -1 : message.length;
    stored = read;
  };

  /** `samplesAt` for messages without a number: few steps, because bursts have dozens of messages. */
  const samplesAtOnce = (message: string) => {
    const end = openingChars + chars;
    const fits =
      message.startsWith(opening) &&
      message.startsWith(paddedClosing, end - padding) &&
      message.charCodeAt(end - padding - 1) !== PADDING &&
      isUnescapedString(message, openingChars, end);
    return fits ? openingChars : -1;
  };

  /** `samplesAt` for messages with a number. */
  const samplesAtNumbered = (message: string) => {
    const at = opening.length;
    const start = numberFirst ? message.indexOf(bridge, at) + bridge.length : at;
    const end = start + chars;
    if (!isUnescapedString(message, start, end) || paddingBefore(message, end) !== padding) return -1;
    const fits = numberFirst
      ? isValue(message, at, start - bridge.length) && message.length === end + closing.length
      : message.startsWith(bridge, end) && isValue(message, end + bridge.length, message.length - closing.length);
    return fits ? start : -1;
  };

  /** The events of a message whose samples are the base64 text in [start, end). */
  const eventsOf = (read: AudioMessage, text: string, start: number, end: number, closely: boolean) => {
    const leadMs = read.saysSilent ? read.ms : soundCheck(text, start, end, read.rateHz, closely);
    if (leadMs === 0) return read.events;
    return leadMs < read.ms ? read.events.map((event) => ({ ...event, leadMs })) : read.silence;
  };

  return {
    samplesAt(message) {
      if (message.length === messageChars) return samplesAtOnce(message);
      return numbered && message.startsWith(opening) && message.endsWith(closing) ? samplesAtNumbered(message) : -1;
    },
    eventsAt(message, start, closely) {
      return stored === null ? NOTHING : eventsOf(stored, message, start, start + chars, closely);
    },
    read(message, closely) {
      const read = readMessage(message);
      if (read.ms === 0) return read.events;
      const { span, text } = read;
      if (span === null) return text === null ? read.events : eventsOf(read, text, 0, text.length, closely);
      store(message, span, read);
      return eventsOf(read, message, span.start, span.end, closely);
    },
  };
}

/** True when the range is all of a JSON string from `start` on, and no character of it is escaped. */
function isUnescapedString(message: string, start: number, end: number): boolean {
  if (message.indexOf('"', start) !== end) return false;
  const escapeAt = message.indexOf("\\", start);
  return escapeAt < 0 || escapeAt > end;
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

/** True when the range [from, to) is a quote and 1 to 64 characters of an id. */
function isId(message: string, from: number, to: number): boolean {
  if (to - from < 2 || to - from > 65 || message.charCodeAt(from) !== QUOTE) return false;
  for (let at = from + 1; at < to; at += 1) {
    const code = message.charCodeAt(at);
    if (code === QUOTE || code === BACKSLASH) return false;
  }
  return true;
}

/** Finds the value of the field that differs in every message of a reply; null when there is none. */
function valueSpan(message: string, { isValue, key }: VaryingField): Span | null {
  const keyAt = message.indexOf(key);
  if (keyAt < 0) return null;
  let start = keyAt + key.length;
  while (message[start] === " " || message[start] === ":") start += 1;
  let end = start;
  while (isValue(message, start, end + 1) || (end === start && message.charCodeAt(end) === QUOTE)) end += 1;
  return isValue(message, start, end) ? { start, end } : null;
}
