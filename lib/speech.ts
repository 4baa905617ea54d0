/** What the caller is saying: the frames of one utterance, one after the other. */

/** The frames that are still to be said. */
export interface Speech {
  /** Begins an utterance of so many frames. */
  begin(frames: number): void;
  /** Says the next frame: its index. */
  next(): number;
  /** True before the first frame. */
  isNew(): boolean;
  /** True when the next frame is neither the first nor the last. */
  isMidway(): boolean;
  /** True when all frames were said. */
  isOver(): boolean;
}

/** Makes a caller's speech: closures, because half of a caller's frames are speech. */
export function makeSpeech(): Speech {
  let frames = 0;
  let said = 0;
  return {
    begin(count) {
      frames = count;
      said = 0;
    },
    next() {
      said += 1;
      return said - 1;
    },
    isNew: () => said === 0,
    isMidway: () => said > 0 && said < frames - 1,
    isOver: () => said >= frames,
  };
}
