/**
 * Says whether an audio message can be heard: how much silence stands before its first audible sample. Samples are
 * decoded only where the answer matters, because that costs as much as everything else that is done with a message.
 */

import { samplesBeforeSound } from "../audio/audible.ts";
import { decodeSamples } from "./base64.ts";
import type { Base64 } from "./codec.ts";

/** Of audio that need not be looked at closely every fifth message is, so that noise behind a reply does not prolong it. */
const SAMPLED = 5;

/** A voice begins with samples near zero: less silence than this in front of it is none, in ms. */
const AT_ONCE_MS = 1;

/** The character code of the base64 digit for six zero bits. */
const ZERO_BITS = 65;

/**
 * Returns the silence before the first audible sample of a message, in ms, Infinity when none is audible. The samples
 * are 16-bit mono PCM at `rateHz`, as the base64 text in [start, end).
 *
 * Zeros are always seen. Other samples are decoded when `closely` is true, after a silent message, and in every fifth
 * message. All else counts as audible at once, what is no base64 too.
 */
export type SoundCheck = (text: string, start: number, end: number, rateHz: number, closely: boolean) => number;

/** Makes the check of one call, a closure over local variables: property lookups are slow in k6 (see acs.ts). */
export function makeSoundCheck(base64: Base64): SoundCheck {
  let wasSilent = false;
  let unseen = 0;
  /** Base64 of zeros, without the last two characters, which may be padding. */
  let zeros = "";

  const isZeros = (text: string, start: number, end: number) => {
    if (text.charCodeAt(start) !== ZERO_BITS || text.charCodeAt((start + end) >> 1) !== ZERO_BITS) return false;
    const length = Math.max(1, end - start - 2);
    if (zeros.length !== length) zeros = "A".repeat(length);
    return text.startsWith(zeros, start);
  };

  return (text, start, end, rateHz, closely) => {
    if (isZeros(text, start, end)) {
      wasSilent = true;
      return Number.POSITIVE_INFINITY;
    }
    unseen += 1;
    if (!closely && !wasSilent && unseen < SAMPLED) return 0;
    unseen = 0;
    const samples = decodeSamples(text.substring(start, end), base64);
    const before = samples === null ? 0 : samplesBeforeSound(samples, rateHz);
    wasSilent = samples !== null && before === samples.length;
    if (wasSilent) return Number.POSITIVE_INFINITY;
    const leadMs = (before / rateHz) * 1000;
    return leadMs < AT_ONCE_MS ? 0 : leadMs;
  };
}
