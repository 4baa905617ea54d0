import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { readUtterances } from "../lib/audio/utterances.ts";
import { resampleTo } from "./audio/convert.ts";
import { generateAudio } from "./audio/generate_audio.ts";
import { writeForeignManifest } from "./audio_manifest.ts";

const UNCONVERTED = { rateHz: 16000, converts: false };
const CONVERTED = { rateHz: 16000, converts: true };

/** 200 ms of silence, 600 ms of a tone on every channel, 200 ms of silence; 16-bit. */
function tone(rateHz: number, channels = 1): Buffer {
  const samples = Array.from({ length: rateHz * channels }, (_, index) => {
    const sec = Math.floor(index / channels) / rateHz;
    return sec < 0.2 || sec >= 0.8 ? 0 : Math.round(8000 * Math.sin(2 * Math.PI * 440 * sec));
  });
  return Buffer.from(Int16Array.from(samples).buffer);
}

function wav(data: Buffer, { rateHz = 16000, channels = 1, bits = 16, tag = 1 } = {}): Buffer {
  const header = Buffer.alloc(44);
  header.write("RIFF", 0, "latin1");
  header.write("WAVEfmt ", 8, "latin1");
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(tag, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(rateHz, 24);
  header.writeUInt16LE(bits, 34);
  header.write("data", 36, "latin1");
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}

function folderOf(files: Record<string, Buffer>): string {
  const folder = mkdtempSync(join(tmpdir(), "foreign-"));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return folder;
}

/** The utterances that a run would read from a folder. */
function utterancesOf(folder: string) {
  const bytes = (path: string) => new Uint8Array(readFileSync(path)).buffer;
  const files = { text: (path: string) => readFileSync(path, "utf8"), bytes };
  return readUtterances(files, { folders: [folder], rateHz: 16000, frameMs: 20, maxFrames: 0, conversations: [] });
}

describe("make audio_manifest", () => {
  it("makes a folder of PCM and WAV files usable for a run", async () => {
    const folder = folderOf({ "b.pcm": tone(16000), "a.wav": wav(tone(16000)), "notes.txt": Buffer.from("x") });
    const entries = await writeForeignManifest(folder, UNCONVERTED);
    expect(entries).toMatchObject([
      { file: "a.pcm", source: "a.wav", duration_ms: 1000, speech_start_ms: 200, speech_end_ms: 800 },
      { file: "b.pcm", duration_ms: 1000, speech_start_ms: 200, speech_end_ms: 800 },
    ]);
    expect(readFileSync(join(folder, "a.pcm"))).toEqual(tone(16000));
    const { utterances, problems } = utterancesOf(folder);
    expect(problems).toEqual([]);
    expect(utterances.map(({ file, frames }) => [file, frames])).toEqual([
      ["a.pcm", 30],
      ["b.pcm", 30],
    ]);
  });

  it("writes the same manifest again for a folder that has one", async () => {
    const folder = folderOf({ "a.wav": wav(tone(16000)), "b.pcm": tone(16000) });
    const first = await writeForeignManifest(folder, UNCONVERTED);
    expect(await writeForeignManifest(folder, UNCONVERTED)).toEqual(first);
  });

  it.each([
    ["stereo", wav(tone(16000, 2), { channels: 2 }), "got 16-bit, 2 channel(s), 16000 Hz; CONVERT=true converts it"],
    [
      "another rate",
      wav(tone(44100), { rateHz: 44100 }),
      "got 16-bit, 1 channel(s), 44100 Hz; CONVERT=true converts it",
    ],
    ["a short header", wav(tone(16000)).subarray(0, 30), "expected a format chunk of 16 bytes or more, got 10"],
    ["no WAV", Buffer.from("ID3 something"), "WAV: expected a RIFF/WAVE file, got something else"],
    ["silence", wav(Buffer.alloc(32000)), "expected speech, got none in 32000 bytes"],
  ])("names %s and writes nothing", async (_, file, problem) => {
    const folder = folderOf({ "a.wav": wav(tone(16000)), "x.wav": file });
    await expect(writeForeignManifest(folder, UNCONVERTED)).rejects.toThrow(`x.wav: `);
    await expect(writeForeignManifest(folder, UNCONVERTED)).rejects.toThrow(problem);
    expect(readdirSync(folder)).toEqual(["a.wav", "x.wav"]);
  });

  it("names containers that are called .pcm", async () => {
    const files = { "a.pcm": wav(tone(16000)), "b.pcm": Buffer.from("OggS\0\0") };
    const error = await writeForeignManifest(folderOf(files), CONVERTED).catch((reason: Error) => reason);
    expect((error as Error).message.split("\n")).toEqual([
      "a.pcm: expected raw samples, got a WAV file; rename it to .wav and run make audio_manifest",
      "b.pcm: expected raw samples, got an Ogg file; convert it to a WAV file and run make audio_manifest",
    ]);
  });

  it("keeps the sources of a manifest that an editor has marked as UTF-8", async () => {
    const folder = folderOf({ "a.wav": wav(tone(16000)) });
    const entries = await writeForeignManifest(folder, UNCONVERTED);
    const manifest = join(folder, "manifest.jsonl");
    writeFileSync(manifest, `\ufeff${readFileSync(manifest, "utf8")}`);
    expect(await writeForeignManifest(folder, UNCONVERTED)).toEqual(entries);
  });

  it("lists all problems at once", async () => {
    const folder = folderOf({
      "a.wav": Buffer.from("x"),
      "b.pcm": Buffer.alloc(3),
      "c.wav": wav(tone(16000)),
      "c.pcm": tone(16000),
    });
    const error = await writeForeignManifest(folder, UNCONVERTED).catch((reason: Error) => reason);
    expect((error as Error).message.split("\n")).toEqual([
      "a.wav: WAV: expected a RIFF/WAVE file, got something else",
      "b.pcm: expected 16-bit PCM, got an odd number of bytes (3)",
      "c.wav: expected no other file of its name, got c.pcm, which would be overwritten",
    ]);
  });

  it.each([
    ["44.1 kHz stereo", wav(tone(44100, 2), { rateHz: 44100, channels: 2 })],
    ["48 kHz float", wav(floats(48000), { rateHz: 48000, bits: 32, tag: 3 })],
    ["8 kHz", wav(tone(8000), { rateHz: 8000 })],
    ["8 kHz mu-law", wav(mulaw(tone(8000)), { rateHz: 8000, bits: 8, tag: 7 })],
  ])("converts %s where that is allowed, and keeps the position and level of speech", async (_, file) => {
    const folder = folderOf({ "a.wav": file });
    const [entry] = await writeForeignManifest(folder, CONVERTED);
    expect(entry).toMatchObject({ file: "a.pcm", duration_ms: 1000 });
    expect(Math.abs((entry?.speech_end_ms ?? 0) - 800)).toBeLessThanOrEqual(20);
    const samples = new Int16Array(new Uint8Array(readFileSync(join(folder, "a.pcm"))).buffer);
    const peak = samples.subarray(6000, 10000).reduce((max, sample) => Math.max(max, Math.abs(sample)), 0);
    expect(peak).toBeGreaterThan(7900);
    expect(peak).toBeLessThan(8100);
  });

  it("rejects a folder of make generate_audio, and the other way round", async () => {
    const conversations = folderOf({ "a.json": Buffer.from('{ "name": "a", "turns": [{ "text": "hello" }] }') });
    const generated = folderOf({});
    await generateAudio(conversations, generated);
    await expect(writeForeignManifest(generated, UNCONVERTED)).rejects.toThrow(
      "PCM_DIR: expected a folder of foreign files",
    );
    const foreign = folderOf({ "turn_001.pcm": tone(16000) });
    await writeForeignManifest(foreign, UNCONVERTED);
    await expect(generateAudio(conversations, foreign)).rejects.toThrow("PCM_DIR: expected a folder of its own");
    expect(readFileSync(join(foreign, "turn_001.pcm"))).toEqual(tone(16000));
  });
});

/** Samples as mu-law (ITU-T G.711). */
function mulaw(pcm: Buffer): Buffer {
  const samples = [...new Int16Array(new Uint8Array(pcm).buffer)];
  return Buffer.from(
    samples.map((sample) => {
      const magnitude = Math.abs(sample) + 0x84;
      const segment = Math.floor(Math.log2(magnitude)) - 7;
      return ~((sample < 0 ? 0x80 : 0) | (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f)) & 0xff;
    }),
  );
}

function floats(rateHz: number): Buffer {
  const ints = new Int16Array(new Uint8Array(tone(rateHz)).buffer);
  return Buffer.from(Float32Array.from(ints, (sample) => sample / 32768).buffer);
}

describe("resampling", () => {
  const rmsOf = (hertz: number) => {
    const input = Float64Array.from({ length: 44100 }, (_, at) => Math.sin((2 * Math.PI * hertz * at) / 44100));
    const out = resampleTo(input, 44100, 16000).subarray(2000, 14000);
    return Math.sqrt(out.reduce((sum, sample) => sum + sample * sample, 0) / out.length);
  };

  it.each([100, 1000, 3000, 6500])("keeps the level of a tone of %d Hz", (hertz) => {
    expect(20 * Math.log10(rmsOf(hertz) * Math.SQRT2)).toBeCloseTo(0, 1);
  });

  it.each([9000, 12000, 20000])("removes %d Hz, which would alias to another frequency", (hertz) => {
    expect(20 * Math.log10(rmsOf(hertz))).toBeLessThan(-60);
  });
});
