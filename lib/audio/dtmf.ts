/**
 * The digits that a caller presses (DTMF), on wires that carry them as messages: in which frame of an utterance each is pressed.
 * An utterance with digits goes on behind its words, in quiet frames, and ends with the frame of the last digit.
 */

import { quietNoise } from "./pcm.ts";

/** From one digit to the next, and from the last word to the first digit, in ms: as fast as people press keys. */
const DTMF_EVERY_MS = 200;

/** One digit that is pressed. */
export interface DtmfPress {
  /** One of 0 to 9, * and #. */
  readonly digit: string;
  /** The index, within the utterance, of the frame that it is sent with. */
  readonly frame: number;
}

/** The digits that can be pressed in one turn. */
const DIGITS = /^[0-9*#]+$/;

/** Returns what is wrong with the `dtmf` of a turn, in the form `expected ..., got ...`; null where nothing is. */
export function dtmfProblem(dtmf: unknown): string | null {
  if (typeof dtmf === "string" && DIGITS.test(dtmf)) return null;
  return `expected digits, * and #, got ${JSON.stringify(dtmf)}`;
}

/** The frames in which digits are pressed, behind `spokenFrames` frames of words; without words from the first frame on. */
export function dtmfPresses(digits: string, spokenFrames: number, frameMs: number): DtmfPress[] {
  const every = Math.ceil(DTMF_EVERY_MS / frameMs);
  const first = spokenFrames === 0 ? 0 : spokenFrames - 1 + every;
  return Array.from(digits, (digit, index) => ({ digit, frame: first + index * every }));
}

/** Returns the samples of the words, whole frames, with quiet behind them up to the end of the frame of the last digit. */
export function withQuietFor(presses: readonly DtmfPress[], spoken: Int16Array, frameSamples: number): Int16Array {
  const last = presses.at(-1);
  if (last === undefined) return spoken;
  const pcm = new Int16Array((last.frame + 1) * frameSamples);
  pcm.set(spoken);
  pcm.set(quietNoise(pcm.length - spoken.length), spoken.length);
  return pcm;
}
