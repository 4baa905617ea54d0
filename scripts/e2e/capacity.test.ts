import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { describe, expect, it } from "vitest";

import type { CapacityResult } from "../capacity/probe.ts";
import { readLog } from "../results/run_folder.ts";
import { type ProcessResult, runCommand, startSimulator } from "./load.ts";
import { SHORT_AUDIO } from "./setup.ts";

/** An agent that takes so many calls and refuses any other with 500. */
const CALLS = 13;
const AGENT = `--capacity ${CALLS} --silence-ms 300 --stt-ms 320 --llm-ms 50 --tts-ms 50 --greeting-ms 300 --barge-ms 250`;

/** Short turns of many callers, so that a run has its turns in a quarter of a minute. */
const SETTINGS = {
  PCM_DIR: SHORT_AUDIO,
  SPAWN_RATE: "10",
  PAUSE_BETWEEN_TURNS_SEC: "0.3",
  BARGE_REENTRY_MS: "300",
  PROBE_TURNS: "61",
  SETTLE_SEC: "1",
  COOL_DOWN_SEC: "1",
  CAPACITY_START: String(CALLS),
  MAX_USERS: String(CALLS + 1),
};

/** Runs `make capacity` without make. */
function capacity(
  env: Readonly<Record<string, string>>,
  onStarted: (kill: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<ProcessResult> {
  return runCommand(process.execPath, ["--import", "tsx", "scripts/capacity/capacity.ts"], env, onStarted);
}

const resultIn = (folder: string) => JSON.parse(readFileSync(join(folder, "capacity.json"), "utf8")) as CapacityResult;

/** The folder of the search in a folder of results, when there is one. */
const searchIn = (results: string) => readdirSync(results).map((name) => join(results, name))[0] ?? "";

async function untilRunning(results: string): Promise<void> {
  const isRunning = async () => {
    const folder = searchIn(results);
    const [run] = folder === "" ? [] : readdirSync(folder);
    return run !== undefined && (await readLog(join(folder, run))).turns.length > 0;
  };
  for (const giveUpAtMs = Date.now() + 60_000; Date.now() < giveUpAtMs; ) {
    if (await isRunning()) return;
    await delay(200);
  }
  throw new Error(`expected a run with a turn in ${results} within a minute, got none`);
}

// A machine that is too slow for the load ends a search, as it should.
describe("a search for the most callers", { retry: 2 }, () => {
  it("is interrupted with what is known, goes on, and finds how many calls the agent takes", async () => {
    const results = await mkdtemp(join(tmpdir(), "capacity-"));
    const simulator = await startSimulator(AGENT.split(" "));
    try {
      const env = { ...SETTINGS, HOST: simulator.host, RESULTS_DIR: results };
      const interrupted = await capacity(env, async (kill) => {
        await untilRunning(results);
        kill("SIGINT");
      });
      expect(interrupted.exitCode, interrupted.output).toBe(105);
      expect(interrupted.output).toMatch(/^probe 1 of about \d+: 13 callers, \d+ s$/m);
      const folder = searchIn(results);
      expect(resultIn(folder)).toMatchObject({ end: "interrupted", answer: null, exitCode: 105 });
      expect(resultIn(folder).probes).toMatchObject([{ load: 13, outcome: "interrupted" }]);

      const other = await capacity({
        RESUME: folder,
        HOST: simulator.host,
        PCM_DIR: SHORT_AUDIO,
        TURN_TIMEOUT_SEC: "20",
      });
      expect(other.exitCode).toBe(107);
      expect(other.output).toContain("TURN_TIMEOUT_SEC: expected 15, as the search has it, got 20");

      const resumed = await capacity({ RESUME: folder });
      expect(resumed.output).toContain(
        "The agent carries 13 callers; at 14 callers the target tier breaks: connection_success",
      );
      expect(resumed.output).toMatch(/calls that failed at 14 callers: rejected \d+/);
      expect(resumed.exitCode, resumed.output).toBe(0);
      const { answer, brokeAt, end, isConfirmed, probes } = resultIn(folder);
      expect({ answer, brokeAt, end, isConfirmed }).toEqual({
        answer: 13,
        brokeAt: 14,
        end: "agent",
        isConfirmed: true,
      });
      expect(probes.map(({ load, outcome }) => `${load} ${outcome}`)).toEqual([
        "13 interrupted",
        "13 holds",
        "14 breaks",
        "13 holds",
      ]);
      expect(probes.at(-1)).toMatchObject({ purpose: "confirm", pooledWith: [probes[1]?.folder] });
      for (const probe of probes) expect(existsSync(join(folder, probe.folder, "report.html"))).toBe(true);
      for (const file of ["capacity.html", "capacity.md", "junit.xml"])
        expect(existsSync(join(folder, file))).toBe(true);
    } finally {
      await simulator.stop();
    }
  });

  it("makes no call where a setting is wrong, and says what is", async () => {
    const { exitCode, output } = await capacity({ USERS: "5", MAX_USER: "9", CHUNK_MS: "5" });
    expect(exitCode).toBe(107);
    expect(output).toContain("USERS: expected MAX_USERS, the most callers to try");
    expect(output).toContain("MAX_USER is not a setting; did you mean MAX_USERS?");
    expect(output).toContain("CHUNK_MS: expected a whole number from 10 to 200");
    expect(output).toMatch(/^\d problem\(s\); no call was made \(exit code 107\)$/m);
  });
});
