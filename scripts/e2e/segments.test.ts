import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { describe, expect, it } from "vitest";
import { reportFromLog } from "../results/report_from_log.ts";
import { type Log, readLog } from "../results/results.ts";
import { ensureK6 } from "../run/k6.ts";
import { spawnSimulator } from "../run/simulator_process.ts";
import { run } from "./load.ts";
import { SHORT_AUDIO } from "./setup.ts";

const AGENT = ["--silence-ms", "300", "--stt-ms", "300", "--llm-ms", "200", "--tts-ms", "100", "--barge-ms", "300"];

const LOAD = { USERS: "5", SPAWN_RATE: "10", TIME: "12s", PAUSE_BETWEEN_TURNS_SEC: "0.3", PCM_DIR: SHORT_AUDIO };

/** Runs a scenario with more arguments for k6; returns its folder. */
async function calls(host: string, args: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "segment-"));
  const command = ["--import", "tsx", "scripts/run.ts", "--into", folder, "acs_media", ...args];
  const { exitCode, output } = await run(process.execPath, command, { ...LOAD, HOST: host });
  expect(exitCode, output).toBe(0);
  return folder;
}

const segment = (part: string) => ["--execution-segment", part, "--execution-segment-sequence", "0,1/2,1"];

/** What each caller said first, by caller. */
function firstWords({ turns }: Log): Map<number, string> {
  return new Map(turns.filter(({ turn }) => turn === 1).map(({ utterance, vu }) => [vu, utterance]));
}

describe("two processes with a segment each", () => {
  it("make the calls of one process: as many callers, every session id once, each caller with words of its own", async () => {
    const simulator = await spawnSimulator(AGENT);
    const whole = await calls(simulator.host, []);
    const parts = await Promise.all(["0:1/2", "1/2:1"].map((part) => calls(simulator.host, segment(part))));
    await simulator.stop();
    const report = await run(process.execPath, ["--import", "tsx", "scripts/report.ts", ...parts]);
    expect(report.exitCode, report.output).toBe(0);
    const merged = /^(\S+)\/report\.html/m.exec(report.output)?.[1] ?? "";
    const [one, both] = [await readLog(whole), await readLog(merged)];
    expect(both.calls).toHaveLength(one.calls.length);
    expect(new Set(both.calls.map(({ call }) => call)).size).toBe(5);
    expect([...new Set(both.calls.map(({ vu }) => vu))].sort()).toEqual([1, 2, 3, 4, 5]);
    expect([...firstWords(both)].sort()).toEqual([...firstWords(one)].sort());
    const { run: judged } = await reportFromLog(merged);
    await rm(merged, { recursive: true });
    console.log(`calls: ${one.calls.length} by one process, ${both.calls.length} by two (${judged.verdict})`);
    expect(judged).toMatchObject({ verdict: "PASS", settings: { USERS: 5 } });
  });
});

describe("an archive", () => {
  it("runs from an empty folder, audio and thresholds in it", async () => {
    const { path: k6 } = await ensureK6();
    const simulator = await spawnSimulator(AGENT);
    const folder = await mkdtemp(join(tmpdir(), "archive-"));
    const settings = { ...LOAD, PCM_DIR: resolve(SHORT_AUDIO), USERS: "2" };
    const flags = Object.entries(settings).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
    const archived = await run(k6, ["archive", ...flags, "-O", join(folder, "acs_media.tar"), "dist/acs_media.js"]);
    expect(archived.exitCode, archived.output).toBe(0);
    const empty = await mkdtemp(join(tmpdir(), "empty-"));
    const command = `cd "${empty}" && exec "${resolve(k6)}" run --quiet "${join(folder, "acs_media.tar")}"`;
    // The agent's host is no part of the options, so it may be said when the archive is run.
    const { exitCode, output } = await run("bash", ["-c", command], { HOST: simulator.host });
    await simulator.stop();
    expect(exitCode, output).toBe(0);
    expect(output).toContain("PASS  every threshold of the target tier holds");
  });
});
