import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { rawProblem } from "./raw_samples.ts";

const FOLDER = "audio/pcm";
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith(".pcm"));
const EIGHT_BITS = "expected 16-bit PCM, got samples of 8 bits (mu-law, A-law or 8-bit PCM)";

const samplesOf = (name: string) => new Int16Array(new Uint8Array(readFileSync(join(FOLDER, name))).buffer);
const clip = (sample: number) => Math.max(-32768, Math.min(32767, Math.round(sample)));
const pcm = (samples: Int16Array, change: (sample: number, at: number) => number) =>
  new Uint8Array(samples.map((sample, at) => clip(change(sample, at))).buffer);

/** Numbers in [0, 1), the same every time. */
function* randomNumbers(): Generator<number> {
  for (let state = 1; ; state = (Math.imul(state, 1664525) + 1013904223) >>> 0) yield state / 2 ** 32;
}

/** The mu-law byte of a sample (ITU-T G.711). */
function mulaw(sample: number): number {
  const magnitude = Math.min(32635, Math.abs(sample)) + 0x84;
  const segment = Math.floor(Math.log2(magnitude)) - 7;
  return ~((sample < 0 ? 0x80 : 0) | (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f)) & 0xff;
}

/** The A-law byte of a sample (ITU-T G.711). */
function alaw(sample: number): number {
  const magnitude = Math.min(32767, Math.abs(sample)) >> 4;
  const segment = magnitude < 16 ? 0 : Math.floor(Math.log2(magnitude)) - 3;
  return ((sample < 0 ? 0 : 0x80) | (segment << 4) | ((magnitude >> Math.max(0, segment - 1)) & 0x0f)) ^ 0x55;
}

describe("raw samples", () => {
  it("are what every shipped utterance holds, also louder, clipped, softer, in noise, and from 8 bits", () => {
    const random = randomNumbers();
    const changes: ((sample: number, at: number) => number)[] = [
      (sample) => sample,
      (sample) => sample * 8,
      (sample) => sample / 10,
      (sample) => sample + (random.next().value - 0.5) * 20_000,
      (sample) => (sample >> 8) << 8,
      (sample, at) => (at < 30_000 ? 0 : sample),
    ];
    for (const name of FILES) {
      for (const change of changes) expect(rawProblem(pcm(samplesOf(name), change), name)).toBeNull();
    }
  });

  it.each([
    ["silence", () => 0],
    ["faint noise", (random: number) => Math.round(random * 34 - 17)],
    ["noise at full scale", (random: number) => random * 65535 - 32768],
    ["noise at half scale", (random: number) => random * 32767 - 16384],
    ["a tone", (_: number, at: number) => 20_000 * Math.sin(at / 5)],
    ["a square wave", (_: number, at: number) => (at % 40 < 20 ? 8000 : -8000)],
  ])("may be %s", (_, sample) => {
    const random = randomNumbers();
    const bytes = pcm(new Int16Array(32_000), (_sample, at) => sample(random.next().value, at));
    expect(rawProblem(bytes, "a.pcm")).toBeNull();
  });

  it.each([
    ["mu-law", mulaw],
    ["A-law", alaw],
    ["unsigned 8-bit PCM", (sample: number) => (sample >> 8) + 128],
  ])("are not %s at 8 kHz, which is recognised in every shipped utterance", (_, encode) => {
    for (const name of FILES) {
      const bytes = Uint8Array.from(
        samplesOf(name).filter((_sample, at) => at % 2 === 0),
        encode,
      );
      expect(rawProblem(bytes.subarray(0, bytes.length & ~1), name)).toMatch(EIGHT_BITS);
    }
  });

  it("are not 32-bit float samples, and not big-endian ones of a usual level", () => {
    for (const name of FILES) {
      const floats = new Uint8Array(Float32Array.from(samplesOf(name), (sample) => sample / 32768).buffer);
      expect(rawProblem(floats, name)).toMatch("expected 16-bit PCM, got 32-bit float samples");
      const swapped = Buffer.from(pcm(samplesOf(name), (sample) => 3 * sample)).swap16();
      expect(rawProblem(swapped, name)).toMatch("got samples in the other byte order (big-endian)");
    }
  });

  it.each([
    ["turn_001.pcm", "expected raw samples, got a WAV file; rename it to .wav and run make audio_manifest"],
    ["turn_001.wav", "expected raw samples, got a WAV file; run make audio_manifest"],
  ])("are not a WAV file that is called %s", (name, problem) => {
    expect(rawProblem(Buffer.from("RIFF\x24\x08\x00\x00WAVEfmt ", "latin1"), name)).toBe(problem);
  });

  it("are not an MP3 file, and not a pointer of Git LFS", () => {
    expect(rawProblem(Buffer.from("ID3\x04\x00\x00\x00\x00\x02\x01", "latin1"), "a.pcm")).toBe(
      "expected raw samples, got an MP3 file; convert it to a WAV file and run make audio_manifest",
    );
    expect(
      rawProblem(Buffer.from(`version https://git-lfs.github.com/spec/v1\noid ${"a".repeat(64)}`), "a.pcm"),
    ).toMatch(/^expected raw samples, got a text file; is it a pointer of Git LFS/);
  });
});
