/** One load of a real k6 against a real simulator, as a user would make it, and what it left behind. */

import { spawn } from "node:child_process";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as nextLook } from "node:timers/promises";
import { type Proof, verifyRun } from "../proof/proof.ts";
import { type Log, readJsonLines, readLog, type TurnLine } from "../results/results.ts";
import { childOf } from "../run/children.ts";
import { ensureK6 } from "../run/k6.ts";
import { spawnSimulator } from "../run/simulator_process.ts";
import { SHORT_AUDIO } from "./setup.ts";

/** A process that has ended. */
export interface Ended {
  readonly exitCode: number | null;
  /** What it printed, both streams in the order of their coming. */
  readonly output: string;
}

/** What `summary.json` holds of it. */
export interface Summary {
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly metrics: Readonly<Record<string, Readonly<Record<string, number | null>>>>;
  readonly generator: { readonly sendLagP99Ms: number | null; readonly lateTurns: number };
}

/** Told when a load has started: how to signal it, its folder, and its processes. */
export type Started = (
  kill: (signal: NodeJS.Signals) => void,
  folder: string,
  pids: { readonly runner: number; readonly simulator: number },
) => void;

/** A load that has ended. */
export interface Load extends Ended {
  readonly folder: string;
  readonly log: Log;
  /** The turns of the truth. */
  readonly truth: readonly Record<string, unknown>[];
  /** All of the truth. */
  readonly truthLines: readonly Record<string, unknown>[];
  readonly summary: Summary;
}

/** Settings of a short load of short utterances. */
const SMALL = { USERS: "3", SPAWN_RATE: "10", TIME: "12s", PAUSE_BETWEEN_TURNS_SEC: "0.3", PCM_DIR: SHORT_AUDIO };

/** Runs a command to its end; `started` may signal it meanwhile. */
export async function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  started: (kill: (signal: NodeJS.Signals) => void, pid: number) => void = () => {},
): Promise<Ended> {
  const child = spawn(command, args, { env: { ...process.env, K6_NO_USAGE_REPORT: "true", ...env } });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += String(data)));
  started((signal) => child.kill(signal), child.pid ?? 0);
  const exitCode = await new Promise<number | null>((done) => child.once("close", done));
  return { exitCode, output };
}

/** How often a load is run before a generator that was too slow is taken for the result. */
const ATTEMPTS = 4;

/**
 * Runs a scenario (the phone's unless SCENARIO says another) as the make targets do, against a simulator with these
 * flags. A run that calls itself INVALID measured the machine, which other tests share: it says nothing, and is run again.
 */
export async function load(
  flags: readonly string[],
  settings: Readonly<Record<string, string>> = {},
  started: Started = () => {},
): Promise<Load> {
  return untilMeasured(
    () => loadOnce(flags, settings, started),
    ({ summary }) => summary.verdict,
  );
}

/** Runs something again, a few times at most, that calls itself INVALID: then it measured the machine. */
export async function untilMeasured<T>(once: () => Promise<T>, verdictOf: (ended: T) => string): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const ended = await once();
    if (verdictOf(ended) !== "INVALID" || attempt === ATTEMPTS) return ended;
  }
}

/** The same, once, whatever it calls itself. */
export async function loadOnce(
  flags: readonly string[],
  { SCENARIO: scenario = "acs_media", ...settings }: Readonly<Record<string, string>>,
  started: Started = () => {},
): Promise<Load> {
  const folder = await mkdtemp(join(tmpdir(), "run-"));
  const simulator = await spawnSimulator([...flags, "--truth", join(folder, "truth.jsonl")]);
  try {
    const args = ["--import", "tsx", "scripts/run.ts", "--into", folder, scenario];
    const env = { ...SMALL, HOST: simulator.host, ...settings };
    const ended = await run(process.execPath, args, env, (kill, runner) =>
      started(kill, folder, { runner, simulator: simulator.pid }),
    );
    await simulator.idle();
    await simulator.stop();
    const lines = await readJsonLines(join(folder, "truth.jsonl"));
    const truthLines = lines.filter((line): line is Record<string, unknown> => line !== null);
    return {
      ...ended,
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

/** The k6 that a run's process started. Rejects when there is none. */
export async function k6Of(runner: number): Promise<number> {
  const { path } = await ensureK6();
  const pid = await childOf(runner, basename(path));
  if (pid === null) throw new Error("expected a k6 that runs, got none");
  return pid;
}

/** Resolves when a run's log tells of so many turns; rejects after 30 s. */
export async function turnsLogged(folder: string, count: number): Promise<void> {
  for (const giveUpAtMs = Date.now() + 30_000; Date.now() < giveUpAtMs; await nextLook(100)) {
    if ((await readLog(folder)).turns.length >= count) return;
  }
  throw new Error(`expected ${count} turns in ${folder} within 30 s, got fewer`);
}

/** Joins a load with its truth. */
export async function proofOf({ folder }: Load): Promise<Proof> {
  return verifyRun(folder);
}

/** Counts turns by outcome. */
export function outcomes(turns: readonly TurnLine[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { outcome } of turns) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}
