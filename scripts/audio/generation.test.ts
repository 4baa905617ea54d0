import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, describe, expect, it } from "vitest";

import { generateAudio } from "../generate_audio.ts";
import { type Fault, StandIn, type StandInOptions, standInAudio } from "./fake_speech_service.ts";
import { Generation, type GenerationParts } from "./generation.ts";
import { Patience } from "./retry.ts";
import { readAudioSettings } from "./settings.ts";
import type { Voice } from "./voice.ts";

const KEY = "k3y-of-the-test/with+signs=";
const TEXTS = [
  "hello there",
  "my claim number please",
  "how long will it take",
  "no thanks",
  "by email",
  "that is all",
];

let standIn: StandIn;
afterEach(() => standIn?.stop());

/** A folder with one conversation of six turns, and a stand-in. */
async function scene(options: StandInOptions = {}) {
  const base = mkdtempSync(join(tmpdir(), "azure-"));
  mkdirSync(join(base, "conversations"));
  const turns = TEXTS.map((text) => ({ text }));
  writeFileSync(join(base, "conversations/a.json"), JSON.stringify({ name: "a", turns }));
  standIn = await StandIn.start({ credential: KEY, ...options });
  return base;
}

/** Runs the real script, as make does. */
function generate(
  base: string,
  env: Record<string, string> = {},
  onOutput: (text: string, kill: () => void) => void = () => {},
) {
  const script = ["--import", "tsx", "--disable-warning=ExperimentalWarning", "scripts/generate_audio.ts"];
  const child = spawn(process.execPath, [...script, join(base, "conversations"), join(base, "pcm")], {
    env: {
      PATH: process.env.PATH,
      AZURE_SPEECH_KEY: KEY,
      AZURE_SPEECH_HOST: standIn.host,
      SPEECH_BACKOFF_SEC: "0.05",
      SPEECH_TIMEOUT_SEC: "5",
      SPEECH_CONCURRENCY: "1",
      ...env,
    },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data) => {
      output += data;
      onOutput(output, () => child.kill("SIGINT"));
    });
  }
  return new Promise<{ exitCode: number | null; output: string }>((resolve) =>
    child.on("close", (exitCode) => resolve({ exitCode, output })),
  );
}

function filesOf(base: string): string[] {
  return readdirSync(join(base, "pcm")).sort();
}

function manifestOf(base: string) {
  const text = readFileSync(join(base, "pcm/manifest.jsonl"), "utf8");
  return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
}

/** Every file that the manifest names is there, and holds what the stand-in spoke, to the sample. */
function expectUsable(base: string): void {
  for (const { file, text, bytes, sample_rate } of manifestOf(base)) {
    const pcm = readFileSync(join(base, "pcm", file));
    expect(pcm.equals(standInAudio(text, sample_rate)), file).toBe(true);
    expect(bytes).toBe(pcm.length);
  }
}

function expectNoKey(base: string, output: string): void {
  const artifacts = filesOf(base).map((file) => readFileSync(join(base, "pcm", file), "latin1"));
  for (const text of [output, ...artifacts]) {
    expect(text).not.toContain(KEY);
    expect(text).not.toContain(encodeURIComponent(KEY));
  }
}

describe("a generation", () => {
  const parts = (voice: Partial<Voice>, count: number, concurrency: number): GenerationParts => ({
    lines: Array.from({ length: count }, (_, index) => ({
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
      refusal: () => null,
      speak: async ({ text }) => standInAudio(text, 16000),
      ...voice,
    },
    alsoGood: () => null,
    conversations: [],
    concurrency,
    patience: new Patience({ attempts: 1, backoffSec: 0.001, random: Math.random }),
    signal: new AbortController().signal,
    told: () => {},
  });

  it.each([1, 8])("speaks %d at once, and describes every file as it is", async (concurrency) => {
    let now = 0;
    let most = 0;
    const speak = async ({ text }: { text: string }) => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      return standInAudio(text, 16000);
    };
    const made = parts({ speak }, 20, concurrency);
    const { entries, missing } = await new Generation(made).run();
    expect([most, entries.length, missing]).toEqual([concurrency, 20, []]);
    for (const { file, text } of entries) {
      expect(readFileSync(join(made.folder, file)).equals(standInAudio(text, 16000))).toBe(true);
    }
  });

  it("counts audio without speech as missing, and says where its words are", async () => {
    const { missing } = await new Generation(parts({ speak: async () => Buffer.alloc(3200) }, 1, 1)).run();
    expect(missing).toEqual([
      { file: "turn_001.pcm", writtenAt: "a.json:1", why: "expected speech, got none in 3200 bytes" },
    ]);
  });
});

const ALL = [...TEXTS.map((_, index) => `turn_00${index + 1}.pcm`)];

describe("make generate_audio with Azure", { timeout: 60_000 }, () => {
  it("speaks everything once, describes it to the sample, and pays for nothing twice", async () => {
    const base = await scene();
    const { exitCode, output } = await generate(base, { SPEECH_CONCURRENCY: "4" });
    expect([exitCode, filesOf(base)]).toEqual([0, ["manifest.jsonl", ...ALL]]);
    expect(output).toMatch(/file +voice +seconds +source\nturn_001\.pcm +en-US-JennyMultilingualNeural +1\.1 +azure/);
    expectUsable(base);
    for (const entry of manifestOf(base)) {
      expect([entry.speech_start_ms, entry.speech_end_ms]).toEqual([100, entry.duration_ms - 100]);
    }
    const again = await generate(base);
    expect(again.output).toContain("6 utterances, 0 spoken now, 6 unchanged");
    expect(standIn.heard).toHaveLength(6);
    expectNoKey(base, output + again.output);
  });

  it("keeps what was paid for when the offline voice runs later", async () => {
    const base = await scene();
    await generate(base);
    const { output } = await generate(base, { AZURE_SPEECH_KEY: "", AZURE_SPEECH_HOST: "" });
    expect(output).toContain("6 utterances, 0 spoken now, 6 unchanged");
    expectUsable(base);
  });

  const passing: [string, Fault][] = [
    ["throttling at the upgrade", { at: "upgrade", status: 429 }],
    ["a close of 4429", { at: "start", code: 4429, reason: "" }],
    ["throttling in words", { at: "start", code: 1013, reason: "Throttled due to too many requests" }],
    ["a quota", { at: "start", code: 1007, reason: "Quota exceeded" }],
    ["a clean close in mid-stream", { at: "middle", how: "close" }],
    ["a cut in mid-stream", { at: "middle", how: "cut" }],
    ["a stall", { at: "middle", how: "stall" }],
    ["half a sample at the end", { at: "end", how: "odd" }],
    ["audio that is too short", { at: "end", how: "short" }],
  ];

  it.each(passing)("survives %s", async (_, fault) => {
    const base = await scene({ faults: (connection) => (connection === 2 ? fault : null) });
    const output: string[] = [];
    const settings = readAudioSettings({
      AZURE_SPEECH_KEY: KEY,
      AZURE_SPEECH_HOST: standIn.host,
      SPEECH_BACKOFF_SEC: "0.01",
      SPEECH_TIMEOUT_SEC: "0.5",
      SPEECH_CONCURRENCY: "1",
    });
    const signal = new AbortController().signal;
    const print = (line: string) => output.push(line);
    const from = join(base, "conversations");
    const { missing } = await generateAudio(from, join(base, "pcm"), { settings, signal, print });
    expect(output[2]).toMatch(/^turn_003\.pcm: again in 0\.0 s: /);
    expect([missing, filesOf(base)]).toEqual([[], ["manifest.jsonl", ...ALL]]);
    expectUsable(base);
    expectNoKey(base, output.join("\n"));
  });

  it.each(passing)(
    "that does not end (%s) leaves what is done, says what is missing, and finishes later",
    async (_, fault) => {
      let isBroken = true;
      const base = await scene({ faults: (connection) => (isBroken && connection >= 2 ? fault : null) });
      const { exitCode, output } = await generate(base, { SPEECH_ATTEMPTS: "2", SPEECH_TIMEOUT_SEC: "0.3" });
      expect([exitCode, filesOf(base)]).toEqual([1, ["manifest.jsonl", "turn_001.pcm", "turn_002.pcm"]]);
      expect(output).toContain("4 missing; run it again to speak only these:");
      expect(output).toMatch(/turn_003\.pcm \(.*a\.json:1\): (the|no end of the) /);
      expectUsable(base);
      isBroken = false;
      const before = standIn.heard.length;
      expect((await generate(base)).exitCode).toBe(0);
      expect(standIn.heard.length - before).toBe(4);
      expect(filesOf(base)).toEqual(["manifest.jsonl", ...ALL]);
      expectUsable(base);
      expectNoKey(base, output);
    },
  );

  it("stops at the first 401, without trying the rest", async () => {
    const base = await scene({ credential: "another" });
    const { exitCode, output } = await generate(base);
    expect(exitCode).toBe(1);
    expect(standIn.triedAtMs).toHaveLength(1);
    expect(output).toMatch(/turn_001\.pcm .*: the service refused the key or token: .*401/);
    expect(output).toMatch(/turn_006\.pcm .*: not tried: the service refused the key or token/);
    expectNoKey(base, output);
  });

  it("leaves what the offline voice spoke where Azure refuses the key, and replaces it where it does not", async () => {
    const base = await scene({ credential: "another" });
    await generate(base, { AZURE_SPEECH_KEY: "", AZURE_SPEECH_HOST: "" });
    expect((await generate(base)).exitCode).toBe(1);
    expect(manifestOf(base).map(({ voice }) => voice)).toEqual(TEXTS.map(() => "flite/slt"));
    expect((await generate(base, { AZURE_SPEECH_KEY: "another" })).exitCode).toBe(0);
    expect(filesOf(base)).toEqual(["manifest.jsonl", ...ALL]);
    expectUsable(base);
  });

  it("leaves no half file when it is interrupted, and exits with 105", async () => {
    const base = await scene({ faults: (connection) => (connection === 2 ? { at: "middle", how: "stall" } : null) });
    let isKilled = false;
    const { exitCode, output } = await generate(base, {}, (text, kill) => {
      if (isKilled || !text.includes("turn_002.pcm")) return;
      isKilled = true;
      kill();
    });
    expect([exitCode, filesOf(base)]).toEqual([105, ["manifest.jsonl", "turn_001.pcm", "turn_002.pcm"]]);
    expect(output).toMatch(/turn_003\.pcm .*: interrupted/);
    expectUsable(base);
  });

  it.each([
    [
      { AZURE_SPEECH_HOST: "" },
      "AZURE_SPEECH_REGION: expected a region (or AZURE_SPEECH_ENDPOINT, or AZURE_SPEECH_HOST), got nothing",
    ],
    [{ SPEECH_CONCURRENCY: "many" }, 'SPEECH_CONCURRENCY: expected a whole number from 1 to 64, got "many"'],
    [{ CONVERSATION: "b" }, 'CONVERSATION: expected one of a, got "b"'],
  ])("exits with 107 for wrong settings", async (env, problem) => {
    const base = await scene();
    const { exitCode, output } = await generate(base, env as Record<string, string>);
    expect([exitCode, output.trim()]).toEqual([107, problem]);
  });
});
