/**
 * Says whether an audio message can be heard: how much silence stands before its first audible sample. Samples are
 * decoded only where the answer matters, because that costs as much as everything else that is done with a message.
 */

import { samplesBeforeSound } from "../audio/audible.ts";
import { decodeMulaw } from "../audio/mulaw.ts";
import { decodeBase64, decodeSamples } from "./base64.ts";
import type { Base64 } from "./codec.ts";

/** Of audio that need not be looked at closely every fifth message is, so that noise behind a reply does not prolong it. */
const SAMPLED = 5;

/** A voice begins with samples near zero: less silence than this in front of it is none, in ms. */
const AT_ONCE_MS = 1;

/** How samples are coded as bytes. */
export interface Coding {
  /** Decodes base64 to 16-bit samples; null for what is no base64. */
  decode(text: string, base64: Base64): Int16Array | null;
  /** The base64 digit of which silence consists. */
  readonly silentDigit: string;
}

/** 16-bit PCM: silence is zeros. */
export const PCM: Coding = { decode: decodeSamples, silentDigit: "A" };

/** mu-law: silence is 0xFF, all bits set. */
export const MULAW: Coding = {
  decode(text, base64) {
    const bytes = decodeBase64(text, base64);
    return bytes === null ? null : decodeMulaw(new Uint8Array(bytes));
  },
  silentDigit: "/",
};

/**
 * Returns the silence before the first audible sample of a message, in ms, Infinity when none is audible. The samples
 * are mono at `rateHz`, as the base64 text in [start, end).
 *
 * Digital silence is always seen. Other samples are decoded when `closely` is true, after a silent message, and in every fifth
 * message. All else counts as audible at once, what is no base64 too.
 */
export type SoundCheck = (text: string, start: number, end: number, rateHz: number, closely: boolean) => number;

/** Makes the check of one call, a closure over local variables: property lookups are slow in k6 (see acs.ts). */
export function makeSoundCheck(base64: Base64, { decode, silentDigit }: Coding = PCM): SoundCheck {
  const silentCode = silentDigit.charCodeAt(0);
  let wasSilent = false;
  let unseen = 0;
  /** Base64 of silence, without its last three characters, where padding may be, and the digit that it cuts. */
  let silence = "";

  const isSilence = (text: string, start: number, end: number) => {
    if (text.charCodeAt(start) !== silentCode || text.charCodeAt((start + end) >> 1) !== silentCode) return false;
    const length = Math.max(1, end - start - 3);
    if (silence.length !== length) silence = silentDigit.repeat(length);
    return text.startsWith(silence, start);
  };

  return (text, start, end, rateHz, closely) => {
    if (isSilence(text, start, end)) {
      wasSilent = true;
      return Number.POSITIVE_INFINITY;
    }
    unseen += 1;
    if (!closely && !wasSilent && unseen < SAMPLED) return 0;
    unseen = 0;
    const samples = decode(text.substring(start, end), base64);
    const before = samples === null ? 0 : samplesBeforeSound(samples, rateHz);
    wasSilent = samples !== null && before === samples.length;
    if (wasSilent) return Number.POSITIVE_INFINITY;
    const leadMs = (before / rateHz) * 1000;
    return leadMs < AT_ONCE_MS ? 0 : leadMs;
  };
}
