/** What the caller is saying: the frames of one utterance, one after the other. */

import type { Action } from "./event.ts";

/** The frames that are still to be said. */
export interface Speech {
  /** Begins an utterance of so many frames. */
  begin(utterance: number, frames: number): void;
  /** The order to send the next frame. It is one object that each call changes: a copy is needed to keep it. */
  next(): Action;
  /** True before the first frame. */
  isNew(): boolean;
  /** True when the next frame is neither the first nor the last. */
  isMidway(): boolean;
  /** True when all frames were said. */
  isOver(): boolean;
}

/** Makes a caller's speech: closures, because half of a caller's frames are speech. */
export function makeSpeech(): Speech {
  const order = { type: "sendFrame" as const, utterance: 0, frame: 0 };
  let frames = 0;
  let said = 0;
  return {
    begin(utterance, count) {
      order.utterance = utterance;
      frames = count;
      said = 0;
    },
    next() {
      order.frame = said;
      said += 1;
      return order;
    },
    isNew: () => said === 0,
    isMidway: () => said > 0 && said < frames - 1,
    isOver: () => said >= frames,
  };
}
