/** What the caller is saying: the frames of one utterance, one after the other. */

/** The frames that are still to be said. */
export interface Speech {
  /** Begins an utterance of so many frames. */
  begin(frames: number): void;
  /** Says the next frame: its index. */
  next(): number;
  /** True before the first frame. */
  isNew(): boolean;
  /** The index of the next frame. */
  nextFrame(): number;
  /** The index of the next frame with which something begins or ends: the first, else the last. */
  turningFrame(): number;
  /** Takes so many frames as said. */
  skip(frames: number): void;
  /** True when all frames were said. */
  isOver(): boolean;
}

/** Makes a caller's speech. */
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
    nextFrame: () => said,
    turningFrame: () => (said === 0 ? 0 : frames - 1),
    skip(count) {
      said += count;
    },
    isOver: () => said >= frames,
  };
}
