import { describe, expect, it } from "vitest";

import { cutIntoPieces, FRAMES_PER_PIECE, firstPieces } from "./pieces.ts";

const FRAME_BYTES = 4;

describe("an utterance in pieces", () => {
  it("is complete when they are joined, and each but the last has the full length", () => {
    for (const frames of [1, FRAMES_PER_PIECE - 1, FRAMES_PER_PIECE, FRAMES_PER_PIECE + 1, 3 * FRAMES_PER_PIECE]) {
      const pcm = Uint8Array.from({ length: frames * FRAME_BYTES }, (_, at) => at % 251);
      const pieces = cutIntoPieces(pcm, FRAME_BYTES);
      expect(pieces.flatMap((piece) => [...piece])).toEqual([...pcm]);
      for (const piece of pieces.slice(0, -1)) expect(piece).toHaveLength(FRAMES_PER_PIECE * FRAME_BYTES);
    }
  });

  it("begins after the pieces of the utterances before it", () => {
    expect(firstPieces([FRAMES_PER_PIECE, FRAMES_PER_PIECE + 1, 1, 2])).toEqual([0, 1, 3, 4]);
  });
});
