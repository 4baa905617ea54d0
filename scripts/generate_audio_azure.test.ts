import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { build } from "esbuild";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  FakeSpeechService,
  type FakeSpeechServiceOptions,
  fakeAudio,
  type ServiceFault,
} from "./audio/fake_speech_service.ts";
import { generateAudio } from "./audio/generate_audio.ts";
import { readAudioSettings } from "./audio/settings.ts";

const KEY = "k3y-of-the-test/with+signs=";
const TEXTS = [
  "hello there",
  "my claim number please",
  "how long will it take",
  "no thanks",
  "by email",
  "that is all",
];

/** The compiled command: within node_modules, so that it finds the packages that it imports. */
const COMMAND = resolve("node_modules/.cache/generate_audio/generate_audio.js");

/** Compiles the command once: reading its TypeScript would take most of the time of each of the thirty processes. */
beforeAll(async () => {
  await build({
    entryPoints: ["scripts/generate_audio.ts"],
    outfile: COMMAND,
    bundle: true,
    packages: "external",
    // Files beside a module are found from the folder of the module.
    define: { "import.meta.url": JSON.stringify(pathToFileURL(resolve("scripts/audio/voice.ts"))) },
    platform: "node",
    format: "esm",
    logLevel: "warning",
  });
});

let service: FakeSpeechService;
afterEach(() => service?.stop());

/** A folder with one conversation of six turns, and a fake service. */
async function setUp(options: FakeSpeechServiceOptions = {}) {
  const base = mkdtempSync(join(tmpdir(), "azure-"));
  mkdirSync(join(base, "conversations"));
  const turns = TEXTS.map((text) => ({ text }));
  writeFileSync(join(base, "conversations/a.json"), JSON.stringify({ name: "a", turns }));
  service = await FakeSpeechService.start({ credential: KEY, ...options });
  return base;
}

/** Runs the command in a process, as make does. */
function generate(
  base: string,
  env: Record<string, string> = {},
  onOutput: (text: string, kill: () => void) => void = () => {},
) {
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", COMMAND, join(base, "conversations"), join(base, "pcm")],
    {
      env: {
        PATH: process.env.PATH,
        AZURE_SPEECH_KEY: KEY,
        AZURE_SPEECH_HOST: service.host,
        SPEECH_BACKOFF_SEC: "0.05",
        SPEECH_TIMEOUT_SEC: "5",
        SPEECH_CONCURRENCY: "1",
        ...env,
      },
    },
  );
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

/** Every file in the manifest exists and holds exactly the audio of the fake service. */
function expectUsable(base: string): void {
  for (const { file, text, bytes, sample_rate } of manifestOf(base)) {
    const pcm = readFileSync(join(base, "pcm", file));
    expect(pcm.equals(fakeAudio(text, sample_rate)), file).toBe(true);
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

const ALL = [...TEXTS.map((_, index) => `turn_00${index + 1}.pcm`)];

describe("make generate_audio with Azure", { timeout: 60_000 }, () => {
  it("synthesises everything once, describes it exactly, and pays for nothing twice", async () => {
    const base = await setUp();
    const { exitCode, output } = await generate(base, { SPEECH_CONCURRENCY: "4" });
    expect([exitCode, filesOf(base)]).toEqual([0, ["manifest.jsonl", ...ALL]]);
    expect(output).toMatch(/file +voice +seconds +source\nturn_001\.pcm +en-US-JennyMultilingualNeural +1\.1 +azure/);
    expectUsable(base);
    for (const entry of manifestOf(base)) {
      expect([entry.speech_start_ms, entry.speech_end_ms]).toEqual([100, entry.duration_ms - 100]);
    }
    const again = await generate(base);
    expect(again.output).toContain("6 utterances, 0 spoken now, 6 unchanged");
    expect(service.requests).toHaveLength(6);
    expectNoKey(base, output + again.output);
  });

  it("keeps what was paid for when the offline voice runs later", async () => {
    const base = await setUp();
    await generate(base);
    const { output } = await generate(base, { AZURE_SPEECH_KEY: "", AZURE_SPEECH_HOST: "" });
    expect(output).toContain("6 utterances, 0 spoken now, 6 unchanged");
    expectUsable(base);
  });

  const temporary: [string, ServiceFault][] = [
    ["throttling at the upgrade", { at: "upgrade", status: 429 }],
    ["a close of 4429", { at: "start", code: 4429, reason: "" }],
    ["throttling by the text of the close", { at: "start", code: 1013, reason: "Throttled due to too many requests" }],
    ["a quota", { at: "start", code: 1007, reason: "Quota exceeded" }],
    ["a clean close in mid-stream", { at: "middle", how: "close" }],
    ["a cut in mid-stream", { at: "middle", how: "cut" }],
    ["a stall", { at: "middle", how: "stall" }],
    ["an incomplete sample at the end", { at: "end", how: "odd" }],
    ["audio that is too short", { at: "end", how: "short" }],
  ];

  it.each(temporary)("survives %s", async (_, fault) => {
    const base = await setUp({ faults: (connection) => (connection === 2 ? fault : null) });
    const output: string[] = [];
    const settings = readAudioSettings({
      AZURE_SPEECH_KEY: KEY,
      AZURE_SPEECH_HOST: service.host,
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

  it.each(temporary)(
    "with a permanent fault (%s) keeps what is done, lists what is missing, and finishes later",
    async (_, fault) => {
      let isBroken = true;
      const base = await setUp({ faults: (connection) => (isBroken && connection >= 2 ? fault : null) });
      const { exitCode, output } = await generate(base, { SPEECH_ATTEMPTS: "2", SPEECH_TIMEOUT_SEC: "0.3" });
      expect([exitCode, filesOf(base)]).toEqual([1, ["manifest.jsonl", "turn_001.pcm", "turn_002.pcm"]]);
      expect(output).toContain("4 missing; run it again to speak only these:");
      expect(output).toMatch(/turn_003\.pcm \(.*a\.json:1\): (the|no end of the) /);
      expectUsable(base);
      isBroken = false;
      const before = service.requests.length;
      expect((await generate(base)).exitCode).toBe(0);
      expect(service.requests.length - before).toBe(4);
      expect(filesOf(base)).toEqual(["manifest.jsonl", ...ALL]);
      expectUsable(base);
      expectNoKey(base, output);
    },
  );

  it("stops at the first 401, without trying the rest", async () => {
    const base = await setUp({ credential: "another" });
    const { exitCode, output } = await generate(base);
    expect(exitCode).toBe(1);
    expect(service.upgradesAtMs).toHaveLength(1);
    expect(output).toMatch(/turn_001\.pcm .*: the service refused the key or token: .*401/);
    expect(output).toMatch(/turn_006\.pcm .*: not tried: the service refused the key or token/);
    expectNoKey(base, output);
  });

  it("keeps offline utterances where Azure refuses the key, and replaces them where it does not", async () => {
    const base = await setUp({ credential: "another" });
    await generate(base, { AZURE_SPEECH_KEY: "", AZURE_SPEECH_HOST: "" });
    expect((await generate(base)).exitCode).toBe(1);
    expect(manifestOf(base).map(({ voice }) => voice)).toEqual(TEXTS.map(() => "flite/slt"));
    expect((await generate(base, { AZURE_SPEECH_KEY: "another" })).exitCode).toBe(0);
    expect(filesOf(base)).toEqual(["manifest.jsonl", ...ALL]);
    expectUsable(base);
  });

  it("leaves no incomplete file when it is interrupted, and exits with 105", async () => {
    const base = await setUp({ faults: (connection) => (connection === 2 ? { at: "middle", how: "stall" } : null) });
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
    const base = await setUp();
    const { exitCode, output } = await generate(base, env as Record<string, string>);
    expect([exitCode, output.trim()]).toEqual([107, problem]);
  });
});
