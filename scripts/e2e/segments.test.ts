import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { describe, expect, it } from "vitest";
import { reportFromLog } from "../results/report_from_log.ts";
import { type Log, readLog } from "../results/run_folder.ts";
import { ensureK6 } from "../run/k6.ts";
import { runCommand, runUntilValid, startSimulator } from "./load.ts";
import { COMMANDS, SHORT_AUDIO } from "./setup.ts";

const AGENT = ["--silence-ms", "300", "--stt-ms", "300", "--llm-ms", "200", "--tts-ms", "100", "--barge-ms", "300"];

const LOAD = { USERS: "5", SPAWN_RATE: "10", TIME: "12s", PAUSE_BETWEEN_TURNS_SEC: "0.3", PCM_DIR: SHORT_AUDIO };

/** Runs acs_media with additional arguments for k6; returns the folder of the run. */
async function runScenario(host: string, args: readonly string[]): Promise<string> {
  let folder = "";
  const { exitCode, output } = await runUntilValid(async () => {
    folder = await mkdtemp(join(tmpdir(), "segment-"));
    const command = [...COMMANDS.run, "--into", folder, "acs_media", ...args];
    return runCommand(process.execPath, command, { ...LOAD, HOST: host });
  });
  expect(exitCode, output).toBe(0);
  return folder;
}

const segment = (part: string) => ["--execution-segment", part, "--execution-segment-sequence", "0,1/2,1"];

/** The first utterance of each caller, by VU. */
function firstUtterances({ turns }: Log): Map<number, string> {
  return new Map(turns.filter(({ turn }) => turn === 1).map(({ utterance, vu }) => [vu, utterance]));
}

describe("two processes with a segment each", () => {
  it("make the same calls as one process: the same number, unique session ids, the same first utterance of each caller", async () => {
    const simulator = await startSimulator(AGENT);
    const segments = ["0:1/2", "1/2:1"].map((part) => segment(part));
    const [whole = "", ...parts] = await Promise.all(
      [[], ...segments].map((args) => runScenario(simulator.host, args)),
    );
    await simulator.stop();
    const report = await runCommand(process.execPath, ["--import", "tsx", "scripts/report.ts", ...parts]);
    expect(report.exitCode, report.output).toBe(0);
    const merged = /^(\S+)\/report\.html/m.exec(report.output)?.[1] ?? "";
    const [one, both] = [await readLog(whole), await readLog(merged)];
    expect(both.calls).toHaveLength(one.calls.length);
    expect(new Set(both.calls.map(({ call }) => call)).size).toBe(5);
    expect([...new Set(both.calls.map(({ vu }) => vu))].sort()).toEqual([1, 2, 3, 4, 5]);
    expect([...firstUtterances(both)].sort()).toEqual([...firstUtterances(one)].sort());
    const { run: judged } = await reportFromLog(merged);
    await rm(merged, { recursive: true });
    console.log(`calls: ${one.calls.length} by one process, ${both.calls.length} by two (${judged.verdict})`);
    expect(judged).toMatchObject({ verdict: "PASS", settings: { USERS: 5 } });
  });
});

describe("an archive", () => {
  it("contains audio and thresholds, so that it runs from an empty folder", async () => {
    const { path: k6 } = await ensureK6();
    const simulator = await startSimulator(AGENT);
    const folder = await mkdtemp(join(tmpdir(), "archive-"));
    const settings = { ...LOAD, PCM_DIR: resolve(SHORT_AUDIO), USERS: "2" };
    const flags = Object.entries(settings).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
    const archived = await runCommand(k6, [
      "archive",
      ...flags,
      "-O",
      join(folder, "acs_media.tar"),
      "dist/acs_media.js",
    ]);
    expect(archived.exitCode, archived.output).toBe(0);
    const empty = await mkdtemp(join(tmpdir(), "empty-"));
    const command = `cd "${empty}" && exec "${resolve(k6)}" run --quiet "${join(folder, "acs_media.tar")}"`;
    // HOST does not affect k6's options, so it may be set when the archive runs.
    const { exitCode, output } = await runUntilValid(() =>
      runCommand("bash", ["-c", command], { HOST: simulator.host, GOGC: "350" }),
    );
    await simulator.stop();
    expect(exitCode, output).toBe(0);
    expect(output).toContain("PASS  every threshold of the target tier holds");
    expect(output).toMatch(/^collector {2}GOGC=350 {2}/m);
  });
});
