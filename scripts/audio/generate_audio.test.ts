import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { Flite } from "./flite.ts";
import { generateAudio } from "./generate_audio.ts";
import { readWav } from "./wav.ts";

/** A folder with conversations, and the path of a folder for their audio. */
async function folders(conversations: Record<string, unknown>): Promise<{ from: string; into: string }> {
  const base = mkdtempSync(join(tmpdir(), "audio-"));
  const from = join(base, "conversations");
  await mkdir(from);
  for (const [name, content] of Object.entries(conversations)) {
    writeFileSync(join(from, `${name}.json`), typeof content === "string" ? content : JSON.stringify(content));
  }
  return { from, into: join(base, "pcm") };
}

const conversation = (name: string, ...texts: string[]) => ({ name, turns: texts.map((text) => ({ text })) });
const manifest = (into: string) =>
  readFileSync(join(into, "manifest.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

async function counts(from: string, into: string) {
  const { spoken, entries } = await generateAudio(from, into);
  return { spoken: spoken.length, total: entries.length };
}

describe("generateAudio", () => {
  it("synthesises every turn into a separate file, and describes it in the manifest", async () => {
    const { from, into } = await folders({
      b: conversation("second", "good morning"),
      a: conversation("first", "hello there", "my claim please"),
    });
    expect(await counts(from, into)).toEqual({ spoken: 3, total: 3 });
    const lines = manifest(into);
    expect(lines.map(({ file, conversation, turn }) => [file, conversation, turn])).toEqual([
      ["turn_001.pcm", "first", 1],
      ["turn_002.pcm", "first", 2],
      ["turn_003.pcm", "second", 1],
    ]);
    for (const line of lines) {
      expect(readFileSync(join(into, line.file))).toHaveLength(line.bytes);
      expect(line).toMatchObject({ voice: "flite/slt", sample_rate: 16000, channels: 1, duration_ms: line.bytes / 32 });
      expect(line.speech_start_ms).toBeGreaterThan(0);
      expect(line.speech_end_ms).toBeGreaterThan(line.speech_start_ms + 300);
      expect(line.speech_end_ms).toBeLessThanOrEqual(line.duration_ms);
    }
  });

  it("synthesises only changed utterances again, and removes deleted ones", async () => {
    const { from, into } = await folders({ a: conversation("first", "hello there", "my claim please") });
    await generateAudio(from, into);
    expect(await counts(from, into)).toEqual({ spoken: 0, total: 2 });
    writeFileSync(join(into, "turn_001.pcm"), "damaged");
    expect(await counts(from, into)).toEqual({ spoken: 1, total: 2 });
    writeFileSync(
      join(from, "a.json"),
      JSON.stringify({ ...conversation("first", "hello there"), offline_voice: "rms" }),
    );
    expect(await counts(from, into)).toEqual({ spoken: 1, total: 1 });
    expect(readdirSync(into).sort()).toEqual(["manifest.jsonl", "turn_001.pcm"]);
  });

  it("writes nothing into a folder that is complete, which may be read-only", async () => {
    const { from, into } = await folders({ a: conversation("first", "hello there", "my claim please") });
    await generateAudio(from, into);
    const times = () =>
      [into, ...readdirSync(into).map((file) => join(into, file))].map((path) => statSync(path).ctimeMs);
    const before = times();
    await generateAudio(from, into);
    expect(times()).toEqual(before);
  });

  it("fills a folder once where two want it at the same time", async () => {
    const { from, into } = await folders({ a: conversation("first", "hello there", "my claim please") });
    const both = await Promise.all([generateAudio(from, into), generateAudio(from, into)]);
    expect(both.map(({ spoken }) => spoken.length).sort()).toEqual([0, 2]);
    expect(both.map(({ entries }) => entries)).toEqual([manifest(into), manifest(into)]);
    expect(readdirSync(into).sort()).toEqual(["manifest.jsonl", "turn_001.pcm", "turn_002.pcm"]);
  });

  it("removes what a generation that was killed left behind", async () => {
    const { from, into } = await folders({ a: conversation("first", "hello there") });
    await generateAudio(from, into);
    for (const name of ["turn_001.pcm.77-0a1b2c3d.part", "manifest.jsonl.part", "turn_009.pcm"])
      writeFileSync(join(into, name), "");
    await generateAudio(from, into);
    expect(readdirSync(into).sort()).toEqual(["manifest.jsonl", "turn_001.pcm"]);
  });

  it("keeps utterances when another conversation is added before them, and when two are swapped", async () => {
    const { from, into } = await folders({ b: conversation("second", "good morning", "my claim please") });
    await generateAudio(from, into);
    const [first, second] = manifest(into);
    writeFileSync(join(from, "a.json"), JSON.stringify(conversation("first", "hello there")));
    writeFileSync(join(from, "b.json"), JSON.stringify(conversation("second", "my claim please", "good morning")));
    expect(await counts(from, into)).toEqual({ spoken: 1, total: 3 });
    expect(
      manifest(into)
        .map(({ file, turn, sha256 }) => [file, turn, sha256])
        .slice(1),
    ).toEqual([
      ["turn_002.pcm", 1, second.sha256],
      ["turn_003.pcm", 2, first.sha256],
    ]);
    expect(await counts(from, into)).toEqual({ spoken: 0, total: 3 });
  });

  it("makes pauses of the length in the text", async () => {
    const { from, into } = await folders({ a: conversation("first", "hello there [600ms] my claim please") });
    await generateAudio(from, into);
    const pcm = readFileSync(join(into, "turn_001.pcm"));
    const samples = new Int16Array(new Uint8Array(pcm).buffer);
    let longest = 0;
    for (let at = 0, zeros = 0; at < samples.length; at += 1) {
      zeros = samples[at] === 0 ? zeros + 1 : 0;
      longest = Math.max(longest, zeros);
    }
    expect(longest / 16).toBeGreaterThanOrEqual(600);
    expect(longest / 16).toBeLessThan(640);
  });

  it("skips a conversation in another language and reports its name", async () => {
    const { from, into } = await folders({
      a: { ...conversation("deutsch", "Guten Tag"), language: "de-DE" },
      b: conversation("b", "hi"),
    });
    const { entries, skipped, missing } = await generateAudio(from, into);
    expect(entries.map(({ file }) => file)).toEqual(["turn_002.pcm"]);
    expect([...skipped]).toEqual([["deutsch", "the offline voice speaks English only, not de-DE"]]);
    expect(missing).toEqual([]);
  });

  it("makes the same audio every time", async () => {
    const flite = new Flite();
    expect(await flite.speak("the same words", "slt")).toEqual(await flite.speak("the same words", "slt"));
  });

  it("can synthesise 40 times in one process", async () => {
    const flite = new Flite();
    const text = "The repair shop says they are still waiting for your approval number";
    for (let count = 1; count <= 40; count += 1) {
      expect((await flite.speak(`${text} ${count}`, "slt")).length).toBeGreaterThan(100_000);
    }
  }, 60_000);

  it("rejects a voice or a text for which Flite would fail silently", async () => {
    const flite = new Flite();
    await expect(flite.speak("hello", "jenny")).rejects.toThrow(
      'offline_voice: expected one of slt, rms, awb, kal16, got "jenny"',
    );
    for (const text of ["", "   ", "...", "gr\u00fc\u00df Gott"]) {
      await expect(flite.speak(text, "slt")).rejects.toThrow("text: expected English words in ASCII");
    }
  });
});

describe("a WAV file", () => {
  function wav({ channels = 1, rate = 16000, bits = 16, data = Buffer.from([1, 2, 3, 4]) } = {}): Buffer {
    const header = Buffer.alloc(46);
    header.write("RIFF", 0, "latin1");
    header.write("WAVEfmt ", 8, "latin1");
    header.writeUInt32LE(18, 16);
    header.writeUInt16LE(1, 20);
    header.writeUInt16LE(channels, 22);
    header.writeUInt32LE(rate, 24);
    header.writeUInt16LE(bits, 34);
    header.write("data", 38, "latin1");
    header.writeUInt32LE(data.length, 42);
    return Buffer.concat([header, data]);
  }

  it("is read with any size of its format chunk", () => {
    expect(readWav(wav(), 16000)).toEqual(Buffer.from([1, 2, 3, 4]));
  });

  it.each([
    [wav({ channels: 2 }), "expected 16-bit mono at 16000 Hz, got 16-bit, 2 channel(s), 16000 Hz"],
    [wav({ rate: 8000 }), "got 16-bit, 1 channel(s), 8000 Hz"],
    [wav({ bits: 8 }), "got 8-bit"],
    [Buffer.from("not a wave file at all"), "expected a RIFF/WAVE file"],
    [wav().subarray(0, 38), "expected a data chunk"],
  ])("is rejected when it has another format", (file, message) => {
    expect(() => readWav(file, 16000)).toThrow(message);
  });
});
