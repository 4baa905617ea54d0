import { readFile } from "node:fs/promises";

import { describe, expect, it } from "vitest";

import { load, type ProcessResult, runCommand, startSimulator } from "./load.ts";
import { SHORT_AUDIO } from "./setup.ts";

const QUICK = ["--silence-ms", "300", "--stt-ms", "300", "--llm-ms", "200", "--tts-ms", "100", "--barge-ms", "300"];

const node = (script: string, env: Record<string, string>): Promise<ProcessResult> =>
  runCommand(process.execPath, ["--import", "tsx", script, "acs_media"], { PCM_DIR: SHORT_AUDIO, ...env });
const doctor = (env: Record<string, string>) => node("scripts/doctor.ts", env);

/** Runs a command against a simulator with the given flags. */
async function against(
  flags: readonly string[],
  command: (host: string) => Promise<ProcessResult>,
): Promise<ProcessResult> {
  const simulator = await startSimulator([...QUICK, ...flags]);
  return command(simulator.host).finally(() => simulator.stop());
}

describe.concurrent("make doctor", () => {
  it("reports no failure for an agent that accepts calls", async () => {
    const { exitCode, output } = await against([], (host) => doctor({ HOST: host }));
    expect(exitCode, output).toBe(0);
    for (const name of ["node", "k6", "settings and audio", "DNS", "connection", "upgrade", "pipeline"])
      expect(output).toMatch(new RegExp(`^ok {4}${name} `, "m"));
  });

  it("says what to do where there is no audio", async () => {
    const { exitCode, output } = await doctor({ PCM_DIR: "/nonexistent", HOST: "127.0.0.1:1" });
    expect(exitCode).toBe(1);
    expect(output).toMatch(
      /FAIL {2}settings and audio .*PCM_DIR: expected manifest.jsonl or turn_001.pcm in \/nonexistent/,
    );
    expect(output).toContain("make generate_audio");
  });

  it("says what to do where the connection is refused", async () => {
    const { exitCode, output } = await doctor({ HOST: "127.0.0.1:1" });
    expect(exitCode).toBe(1);
    expect(output).toMatch(/FAIL {2}connection .*ECONNREFUSED.*\n +-> is the agent running/);
    expect(output).not.toContain("upgrade");
  });

  it("says what to do where TLS is spoken to a plain port", async () => {
    const { exitCode, output } = await against([], (host) => doctor({ HOST: `wss://${host}` }));
    expect(exitCode).toBe(1);
    expect(output).toMatch(/FAIL {2}TLS .*\n +-> this port speaks no TLS: say HOST=ws:/);
  });

  it("says what to do where the upgrade is refused", async () => {
    const { output } = await against([], (host) => doctor({ HOST: host, WS_PATH: "/nowhere" }));
    expect(output).toMatch(/FAIL {2}upgrade +404\n +-> .* with 404: the path is wrong; .*WS_URL sets another/);
    const throttled = await against(["--faults", "refuse_429"], (host) => doctor({ HOST: host }));
    expect(throttled.output).toMatch(/FAIL {2}upgrade +429.*\n +-> .* with 429: it throttles new calls/);
  });

  it("says what to do where the agent runs another pipeline", async () => {
    const { exitCode, output } = await against([], (host) => doctor({ HOST: host, PIPELINE: "voicelive" }));
    expect(exitCode).toBe(1);
    expect(output).toMatch(/FAIL {2}pipeline .*run cascade.*\n +-> set PIPELINE to what the agent runs/);
  });
});

describe.concurrent("make call", () => {
  const call = (env: Record<string, string>) => node("scripts/call.ts", { TURNS_PER_USER: "2", ...env });

  it("prints every event with its time, without colours in a pipe, and without transcripts", async () => {
    const { exitCode, output } = await against([], (host) => call({ HOST: host }));
    expect(exitCode, output).toBe(0);
    const events = output.split("\n").map((line) => /^ +\d+\.\d{3} s {2}(.*)$/.exec(line)?.[1] ?? line);
    const order = [
      /^caller dials ws:\/\/127.0.0.1:\d+\/api\/v1\/media\/stream as k6va-/,
      /^agent {2}has accepted the call/,
      /^agent {2}begins to speak/,
      /^caller speaks turn_\d+.pcm/,
      /^caller has finished speaking/,
      /^agent {2}has understood the caller/,
      /^agent {2}begins to speak/,
      /^caller speaks/,
      /^agent {2}says stop/,
      /^result turn 01 ok {2}stt \d+ ms {2}ttfb \d+ ms {2}barge \d+ ms {2}turn \d+ ms/,
      /^result call ok: closed with 1000 by the caller/,
    ];
    let from = 0;
    for (const pattern of order) {
      const found = events.findIndex((event, index) => index >= from && pattern.test(event));
      expect(found, `${pattern} in\n${output}`).toBeGreaterThanOrEqual(0);
      from = found;
    }
    expect(output).not.toContain("\u001b[");
    expect(output).not.toContain("insurance");
  });

  it("prints transcripts with TRANSCRIPTS=true", async () => {
    const { output } = await against([], (host) => call({ HOST: host, TRANSCRIPTS: "true" }));
    expect(output).toMatch(/agent {4}".*insurance/);
  });

  it("prints throttling, and exits with 1 when a turn failed", async () => {
    const { exitCode, output } = await against(["--faults", "llm_429"], (host) => call({ HOST: host }));
    expect(exitCode).toBe(1);
    expect(output).toMatch(/fault {2}rate_limit:openai RateLimitExceeded/);
    expect(output).toMatch(/turn 01 throttled .*rate_limit:openai/);
  });

  it("prints why the call was not connected", async () => {
    const { exitCode, output } = await call({ HOST: "127.0.0.1:1" });
    expect([exitCode, output]).toEqual([1, expect.stringContaining("fault  ws_error:refused  connect ECONNREFUSED")]);
  });
});

describe("the rows of docs/troubleshooting.md", () => {
  it.each([
    ["high latency", ["--llm-ms", "2200"], { TIME: "16s" }, /^FAIL {2}ttfb p\(95\) is 2\d\d\d ms/m],
    ["a throttled model", ["--faults", "llm_429:0.5"], {}, /^ {2}openai +: +\d+ occurrences/m],
    ["a throttled recogniser", ["--faults", "stt_throttle:0.5"], {}, /^ {2}speech +: +\d+ occurrences/m],
    ["no stop", ["--stop", "never"], { TIME: "14s" }, /barge_timeout +\d+/],
  ])("%s has the symptom that is listed", async (_, flags, settings, symptom) => {
    const { output } = await load([...QUICK, ...flags], settings);
    expect(output).toMatch(symptom);
  });

  it("every message that is quoted there is in the sources", async () => {
    const text = await readFile("docs/troubleshooting.md", "utf8");
    const sources = await Promise.all(
      [
        "lib/report/verdict.ts",
        "lib/report/dial_hints.ts",
        "lib/wire/pipeline_status.ts",
        "lib/audio/utterances.ts",
        "lib/metrics/metrics.ts",
        "lib/settings/run_options.ts",
        "lib/settings/script_environment.ts",
        "scripts/results/lateness_cause.ts",
        "scripts/results/line_counts.ts",
        "scripts/setup/files.js",
        "scripts/run/k6_option_problems.ts",
        "scripts/run/make_settings.ts",
      ].map((file) => readFile(file, "utf8")),
    );
    const messages = [
      "comes from your environment, not from make's command line",
      "expected no option that",
      "settled when this archive was made",
      "which changes the report",
      "the gate was switched off",
      "RESULTS_DIR: expected an existing folder",
      "nothing listens at",
      "failed the TLS handshake",
      "answered the upgrade with 403",
      "the ingress redirects to https",
      "were reset, not closed",
      "this machine ran out of",
      "this machine was too slow",
      "of the log are missing",
      "lines of log.jsonl are damaged",
      "lines more than the run wrote",
      "the disk is full",
      "the agent says that its phone calls run",
      "other programs took the CPU while frames were late",
      "k6 itself used the CPU while frames were late",
      "the hypervisor gave the CPU to other machines",
      "this machine was suspended for",
      "k6 stood still for",
      "k6 paused while a core was free",
    ];
    for (const message of messages) {
      expect(text).toContain(message);
      expect(
        sources.some((source) => source.includes(message)),
        message,
      ).toBe(true);
    }
  });
});
