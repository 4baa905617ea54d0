/** The utterance that the caller is speaking: a cursor over its frames. */

/** A cursor over the frames of one utterance. */
export interface Speech {
  /** Begins an utterance of `frames` frames. */
  begin(frames: number): void;
  /** Returns the index of the next frame and moves past it. */
  next(): number;
  /** True before the first frame. */
  isNew(): boolean;
  /** The index of the next frame. */
  nextFrame(): number;
  /** The index of the next frame at which the utterance begins or ends: the first frame, else the last one. */
  boundaryFrame(): number;
  /** Moves past `frames` frames that were sent without `next`. */
  skip(frames: number): void;
  /** True once every frame has been passed. */
  isOver(): boolean;
}

/** Makes a cursor on no utterance. */
export function makeSpeech(): Speech {
  let frames = 0;
  let sent = 0;
  return {
    begin(count) {
      frames = count;
      sent = 0;
    },
    next() {
      sent += 1;
      return sent - 1;
    },
    isNew: () => sent === 0,
    nextFrame: () => sent,
    boundaryFrame: () => (sent === 0 ? 0 : frames - 1),
    skip(count) {
      sent += count;
    },
    isOver: () => sent >= frames,
  };
}
