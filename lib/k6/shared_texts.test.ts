import { describe, expect, it } from "vitest";

import { CABINET, CONVERSATIONS, DESK, placeOfFile, placeOfPieces, shelve } from "./shared_texts.ts";

describe("the shelf", () => {
  it("gives each text back from its place", () => {
    const desk = { a: 1 };
    const cabinet = { b: [2] };
    const conversations = ["x", "y"];
    const shelf = shelve({ desk, cabinet, conversations, files: ["1.pcm", "2.pcm"], pieces: ["p", "q", "r"] });
    expect([DESK, CABINET, CONVERSATIONS].map((place) => JSON.parse(shelf[place] ?? ""))).toEqual([
      desk,
      cabinet,
      conversations,
    ]);
    expect([0, 1].map((utterance) => shelf[placeOfFile(utterance)])).toEqual(["1.pcm", "2.pcm"]);
    expect(shelf.slice(placeOfPieces(2))).toEqual(["p", "q", "r"]);
  });

  it("has no place for pieces where there are no utterances", () => {
    const shelf = shelve({ desk: {}, cabinet: {}, conversations: [], files: [], pieces: [] });
    expect(shelf[placeOfPieces(0)]).toBeUndefined();
  });
});
