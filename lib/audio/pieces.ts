/**
 * Cuts utterances into pieces of a third of a second. Callers share their utterances as packed text. A caller holds a copy
 * of a piece where its codec decodes it or its k6 parses it: a piece is small, an utterance of twenty seconds is a
 * megabyte, which each of hundreds of callers would hold.
 */

/**
 * Frames of one piece; the last piece of an utterance may be shorter. Go's JSON decoder, with which a k6 that parses
 * pieces fetches one, doubles its buffer until the text fits: 17 frames of the phone wire (14.6 kB) just fit into a
 * buffer of 15.9 kB with room to read on, and cost a fifth less than 25.
 */
export const FRAMES_PER_PIECE = 17;

/**
 * Cuts the PCM of an utterance, whole frames of `frameBytes` bytes, into its pieces; they share the memory of `pcm`.
 */
export function cutIntoPieces(pcm: Uint8Array, frameBytes: number): Uint8Array[] {
  const bytes = FRAMES_PER_PIECE * frameBytes;
  return Array.from({ length: Math.ceil(pcm.length / bytes) }, (_, at) => pcm.subarray(at * bytes, (at + 1) * bytes));
}

/**
 * Returns the index of the first piece of each utterance in the list of the pieces of all utterances. `frames` are the
 * numbers of frames of the utterances, in order.
 */
export function firstPieces(frames: readonly number[]): readonly number[] {
  let next = 0;
  return frames.map((count) => {
    const first = next;
    next += Math.ceil(count / FRAMES_PER_PIECE);
    return first;
  });
}
