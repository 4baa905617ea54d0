import { describe, expect, it } from "vitest";

import {
  CALLER_CONFIG,
  CONVERSATIONS,
  fileIndex,
  firstPieceIndex,
  layOutTexts,
  RUN_PLAN,
  textReader,
} from "./shared_texts.ts";

describe("the shared texts", () => {
  it("returns each text from its index", () => {
    const callerConfig = { a: 1 };
    const runPlan = { b: [2] };
    const conversations = ["x", "y"];
    const texts = layOutTexts({
      callerConfig,
      runPlan,
      conversations,
      files: ["1.pcm", "2.pcm"],
      pieces: ["p", "q", "r"],
    });
    expect([CALLER_CONFIG, RUN_PLAN, CONVERSATIONS].map((index) => JSON.parse(texts[index] ?? ""))).toEqual([
      callerConfig,
      runPlan,
      conversations,
    ]);
    expect([0, 1].map((utterance) => texts[fileIndex(utterance)])).toEqual(["1.pcm", "2.pcm"]);
    expect(texts.slice(firstPieceIndex(2))).toEqual(["p", "q", "r"]);
  });

  it("has no pieces where there are no utterances", () => {
    const texts = layOutTexts({ callerConfig: {}, runPlan: {}, conversations: [], files: [], pieces: [] });
    expect(texts[firstPieceIndex(0)]).toBeUndefined();
  });

  it.each<[string, (texts: readonly string[]) => readonly string[]]>([
    ["the texts themselves", (texts) => texts],
    ["the JSON of each", (texts) => texts.map((text) => JSON.stringify(text))],
  ])("are read from an array that hands over %s", (_, handedOver) => {
    const files = ['with "quotes" and \\.pcm', "plain.pcm"];
    const texts = layOutTexts({ callerConfig: { a: "\n" }, runPlan: {}, conversations: [], files, pieces: ["AAAA"] });
    const textAt = textReader(handedOver(texts));
    expect(texts.map((__, index) => textAt(index))).toEqual(texts);
    expect(textAt(texts.length)).toBeUndefined();
  });
});
