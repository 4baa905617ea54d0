import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { Flite } from "../audio/flite.ts";
import { speechPicture } from "./speech_picture.ts";

describe("the picture of an utterance", () => {
  const TEXT = "My claim number is four four one seven two nine";

  it("in docs is up to date with the utterance and with the detection of speech", async () => {
    const pcm = await new Flite().speak(TEXT, "slt");
    const samples = new Int16Array(new Uint8Array(pcm).buffer);
    const picture = speechPicture(`turn_002.pcm, flite/slt: "${TEXT}"`, samples, 16000);
    expect(picture).toBe(readFileSync("docs/speech.svg", "utf8"));
    expect(picture.length).toBeLessThan(60_000);
  });

  it("cannot be drawn of silence", () => {
    expect(() => speechPicture("x.pcm", new Int16Array(16000), 16000)).toThrow("x.pcm: expected speech, got none");
  });
});
