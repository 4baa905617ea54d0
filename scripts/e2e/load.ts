/** Runs a load with a real k6 against a real simulator, as the make targets do, and reads its results. */

import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Proof, verifyRun } from "../proof/proof.ts";
import { readJsonLines } from "../results/lines.ts";
import type { TurnLine } from "../results/log_lines.ts";
import { type Log, readLog } from "../results/run_folder.ts";
import { childOf, type ProcessResult, runCommand } from "../run/children.ts";
import { ensureK6 } from "../run/k6.ts";
import { type SimulatorProcess, spawnSimulator } from "../run/simulator_process.ts";
import { COMMANDS, SHORT_AUDIO } from "./setup.ts";

/** The part of `summary.json` that tests need. */
export interface Summary {
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly metrics: Readonly<Record<string, Readonly<Record<string, number | null>>>>;
  readonly generator: { readonly sendLagP99Ms: number | null; readonly lateTurns: number };
}

export { type ProcessResult, runCommand };

/** Called when a load has started, with a function that signals it, its folder and its processes. */
export type OnStarted = (
  kill: (signal: NodeJS.Signals) => void,
  folder: string,
  pids: { readonly runner: number; readonly simulator: number },
) => void;

/** A load that has ended. */
export interface Load extends ProcessResult {
  readonly folder: string;
  readonly log: Log;
  /** The lines of type `turn` of the truth file. */
  readonly truth: readonly Record<string, unknown>[];
  /** All lines of the truth file. */
  readonly truthLines: readonly Record<string, unknown>[];
  readonly summary: Summary;
}

/** Settings of a short load with short utterances. */
const SHORT_LOAD = { USERS: "3", SPAWN_RATE: "10", TIME: "12s", PAUSE_BETWEEN_TURNS_SEC: "0.3", PCM_DIR: SHORT_AUDIO };

/** Starts a simulator with flags. */
export function startSimulator(flags: readonly string[]): Promise<SimulatorProcess> {
  return spawnSimulator(flags, COMMANDS.simulator);
}

/** How often a load is run before an INVALID run is taken as its result. */
const ATTEMPTS = 5;

/**
 * Runs a scenario (SCENARIO, else acs_media) against a simulator with the given flags. An INVALID run is repeated:
 * other tests share the machine, so it was too slow for the load, and its numbers say nothing about the agent.
 */
export async function load(
  flags: readonly string[],
  settings: Readonly<Record<string, string>> = {},
  onStarted: OnStarted = () => {},
): Promise<Load> {
  return repeatWhileInvalid(
    () => loadOnce(flags, settings, onStarted),
    ({ summary }) => summary.verdict,
  );
}

/** Runs something again while its verdict is INVALID, `ATTEMPTS` times at most; the last result may be INVALID. */
export async function repeatWhileInvalid<T>(once: () => Promise<T>, verdictOf: (result: T) => string): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const result = await once();
    if (verdictOf(result) !== "INVALID" || attempt === ATTEMPTS) return result;
    console.log(`attempt ${attempt} of ${ATTEMPTS} was INVALID: the machine was too slow; the load is repeated`);
  }
}

/** Repeats a command, as `repeatWhileInvalid` does, while the report that it prints (ours or k6's own) is INVALID. */
export async function runUntilValid(once: () => Promise<ProcessResult>): Promise<ProcessResult> {
  return repeatWhileInvalid(once, ({ output }) =>
    /^INVALID {2}|thresholds on metrics '.*\b(send_lag|on_time)\b.* have been crossed/m.test(output) ? "INVALID" : "",
  );
}

/** Runs a scenario once, also if it is INVALID. */
export async function loadOnce(
  flags: readonly string[],
  { SCENARIO: scenario = "acs_media", ...settings }: Readonly<Record<string, string>>,
  onStarted: OnStarted = () => {},
): Promise<Load> {
  const folder = await mkdtemp(join(tmpdir(), "run-"));
  const simulator = await startSimulator([...flags, "--truth", join(folder, "truth.jsonl")]);
  try {
    const args = [...COMMANDS.run, "--into", folder, scenario];
    const env = { ...SHORT_LOAD, HOST: simulator.host, ...settings };
    const result = await runCommand(process.execPath, args, env, (kill, runner) =>
      onStarted(kill, folder, { runner, simulator: simulator.pid }),
    );
    await simulator.idle();
    await simulator.stop();
    const lines = await readJsonLines(join(folder, "truth.jsonl"));
    const truthLines = lines.filter((line): line is Record<string, unknown> => line !== null);
    return {
      ...result,
      folder,
      log: await readLog(folder),
      truth: truthLines.filter(({ type }) => type === "turn"),
      truthLines,
      summary: JSON.parse(await readFile(join(folder, "summary.json"), "utf8")) as Summary,
    };
  } finally {
    await simulator.stop();
  }
}

/** The process id of the k6 that a runner process started. Rejects when there is none. */
export async function findK6Pid(runner: number): Promise<number> {
  const { path } = await ensureK6();
  const pid = await childOf(runner, basename(path));
  if (pid === null) throw new Error("expected a k6 that runs, got none");
  return pid;
}

/** Resolves when the log of a run has at least `count` turns; rejects after 30 s. */
export async function untilTurnsLogged(folder: string, count: number): Promise<void> {
  for (const giveUpAtMs = Date.now() + 30_000; Date.now() < giveUpAtMs; await delay(100)) {
    if ((await readLog(folder)).turns.length >= count) return;
  }
  throw new Error(`expected ${count} turns in ${folder} within 30 s, got fewer`);
}

/** Compares the log of a load with the truth. */
export async function verifyLoad({ folder }: Load): Promise<Proof> {
  return verifyRun(folder);
}

/** Counts turns by outcome. */
export function countOutcomes(turns: readonly TurnLine[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { outcome } of turns) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}
