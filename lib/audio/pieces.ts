/**
 * Utterances in pieces of a third of a second. Callers share what they say as packed text, and what a caller fetches of it is its
 * own copy: a piece is small, an utterance of twenty seconds is a megabyte, which hundreds of callers would each hold.
 */

/**
 * Frames of one piece; the last one of an utterance may be shorter. Go's JSON decoder, with which k6 fetches a piece, doubles
 * its buffer until the text fits: seventeen frames of a phone (14.6 kB) just fit into one of 15.9 kB with room to read on, and cost a fifth less than 25.
 */
export const FRAMES_PER_PIECE = 17;

/** Cuts an utterance (whole frames) into its pieces. */
export function cutIntoPieces(pcm: Uint8Array, frameBytes: number): Uint8Array[] {
  const bytes = FRAMES_PER_PIECE * frameBytes;
  return Array.from({ length: Math.ceil(pcm.length / bytes) }, (_, at) => pcm.subarray(at * bytes, (at + 1) * bytes));
}

/** Where each utterance begins in the row of all pieces, by the frames of each. */
export function firstPieces(frames: readonly number[]): readonly number[] {
  let next = 0;
  return frames.map((count) => {
    const first = next;
    next += Math.ceil(count / FRAMES_PER_PIECE);
    return first;
  });
}
