import { describe, expect, it } from "vitest";

import { utteranceOrderOf } from "./utterance_order.ts";

describe("what a caller says", () => {
  const conversations = ["claim", "claim", "claim", "spelling", "spelling"];

  it("is one conversation in order, from the caller's own place and around", () => {
    expect([0, 2, 4, 6].map((caller) => utteranceOrderOf(caller, conversations))).toEqual([
      [0, 1, 2],
      [1, 2, 0],
      [2, 0, 1],
      [0, 1, 2],
    ]);
    expect([1, 3, 5].map((caller) => utteranceOrderOf(caller, conversations))).toEqual([
      [3, 4],
      [4, 3],
      [3, 4],
    ]);
  });

  it("is a conversation also where its files do not follow each other", () => {
    expect(utteranceOrderOf(1, ["a", "b", "a", "b"])).toEqual([1, 3]);
  });

  it("is every file of a folder that names no conversation", () => {
    expect(utteranceOrderOf(1, ["", "", ""])).toEqual([1, 2, 0]);
  });
});
