import { beforeAll, describe, expect, it } from "vitest";

import { endErrorsMs, makeLabelledAudio, speakTrimmed } from "./labelled_speech.ts";

const TEXTS = [
  "Hello I would like to know the status of my car insurance claim",
  "My claim number is four four one seven two nine",
  "The repair shop says they are still waiting for your approval",
  "Please send me a confirmation by email today",
  "No thanks",
];

describe("the detected end of speech, in 45 files that end with short silence, long silence or within a word", () => {
  let speeches: Int16Array[] = [];
  beforeAll(async () => {
    speeches = await speakTrimmed(TEXTS, ["slt", "rms", "awb"]);
  }, 60_000);

  it.each([
    ["clean", Number.POSITIVE_INFINITY, { median: 8, max: 20 }],
    ["30 dB above noise", 30, { median: 8, max: 20 }],
    ["20 dB above noise", 20, { median: 8, max: 60 }],
  ])("%s is close to the true end", (_, snrDb, limitMs) => {
    const sizes = endErrorsMs(makeLabelledAudio(speeches, snrDb))
      .map(Math.abs)
      .sort((a, b) => a - b);
    expect(sizes).toHaveLength(45);
    expect(sizes[22]).toBeLessThanOrEqual(limitMs.median);
    expect(sizes.at(-1)).toBeLessThanOrEqual(limitMs.max);
  });
});
