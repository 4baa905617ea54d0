import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { fakeAudio } from "./fake_speech_service.ts";
import { Generation, type GenerationOptions } from "./generation.ts";
import { Retrier } from "./retry.ts";
import type { Voice } from "./voice.ts";

describe("a generation", () => {
  const optionsOf = (voice: Partial<Voice>, count: number, concurrency: number): GenerationOptions => ({
    utterances: Array.from({ length: count }, (_, index) => ({
      conversation: "a",
      turn: index + 1,
      text: `text ${index}`,
      language: "en-US",
      voice: "v",
      offlineVoice: "slt",
      writtenAt: `a.json:${index + 1}`,
    })),
    folder: mkdtempSync(join(tmpdir(), "generation-")),
    voice: {
      source: "azure",
      rateHz: 16000,
      nameOf: () => "v",
      unsupportedReason: () => null,
      speak: async ({ text }) => fakeAudio(text, 16000),
      ...voice,
    },
    alsoKeptVoice: () => null,
    conversations: [],
    concurrency,
    retrier: new Retrier({ attempts: 1, backoffSec: 0.001, random: Math.random }),
    signal: new AbortController().signal,
    onEvent: () => {},
  });

  it.each([1, 8])("synthesises %d at once, with a correct manifest entry for each file", async (concurrency) => {
    let running = 0;
    let maxRunning = 0;
    const speak = async ({ text }: { text: string }) => {
      running += 1;
      maxRunning = Math.max(maxRunning, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return fakeAudio(text, 16000);
    };
    const options = optionsOf({ speak }, 20, concurrency);
    const { entries, missing } = await new Generation(options).run();
    expect([maxRunning, entries.length, missing]).toEqual([concurrency, 20, []]);
    for (const { file, text } of entries) {
      expect(readFileSync(join(options.folder, file)).equals(fakeAudio(text, 16000))).toBe(true);
    }
  });

  it("has an empty file where only digits are pressed, and speaks nothing again where digits change", async () => {
    const spoken: string[] = [];
    const speak = async ({ text }: { text: string }) => {
      spoken.push(text);
      return fakeAudio(text, 16000);
    };
    const options = optionsOf({ speak }, 3, 1);
    const [first, second, third] = options.utterances;
    const pressing = (digits: string | undefined) =>
      [first, { ...second, dtmf: digits }, { ...third, text: "", dtmf: "9" }] as GenerationOptions["utterances"];
    const entriesWith = async (digits: string | undefined) =>
      (await new Generation({ ...options, utterances: pressing(digits) }).run()).entries;
    expect(await entriesWith("1#")).toMatchObject([{}, { dtmf: "1#" }, { dtmf: "9", bytes: 0, duration_ms: 0 }]);
    expect(spoken).toEqual(["text 0", "text 1"]);
    expect(await entriesWith("2")).toMatchObject([{}, { dtmf: "2" }, { dtmf: "9" }]);
    await entriesWith(undefined);
    expect(spoken).toHaveLength(2);
    expect(readFileSync(join(options.folder, "manifest.jsonl"), "utf8").match(/"dtmf"/g)).toHaveLength(1);
  });

  it("lists audio without speech as missing, with the source of its text", async () => {
    const { missing } = await new Generation(optionsOf({ speak: async () => Buffer.alloc(3200) }, 1, 1)).run();
    expect(missing).toEqual([
      { file: "turn_001.pcm", writtenAt: "a.json:1", why: "expected speech, got none in 3200 bytes" },
    ]);
  });
});
