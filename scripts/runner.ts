/**
 * Runs one scenario with k6 as the make targets do: a folder of its own, the log in it, progress while it goes, a
 * watchdog behind it, and a report at the end whatever happens.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { type Run, summaryJson } from "../lib/summary.ts";
import { reportText } from "../lib/table.ts";
import type { ScenarioName } from "../lib/wires.ts";
import { ensureK6 } from "./k6.ts";
import { prepare } from "./prepare.ts";
import { followProgress } from "./progress.ts";
import { reportFromLog } from "./rereport.ts";
import { makeRunFolder, readLog, writeRunFile } from "./results.ts";

/** What to run. */
export interface RunRequest {
  readonly scenario: ScenarioName;
  /** The settings, among everything else that is in an environment. */
  readonly env: NodeJS.ProcessEnv;
  /** More arguments for k6. */
  readonly args: readonly string[];
  /** The run's folder; a new one unless given. */
  readonly folder?: string;
}

/** How a run ended: k6's exit code, or ours where k6 could not know. */
export interface RunResult {
  readonly exitCode: number;
  /** Null when an input was wrong and nothing ran. */
  readonly folder: string | null;
}

const BAD_INPUT = 107;
const INTERRUPTED = 105;
const LOG_BROKEN = 255;

/** How long after the longest possible run k6 must be hanging, in s. */
const WATCHDOG_SEC = 30;

/** How long k6 gets after each signal of the watchdog, in ms. */
const SIGNAL_EVERY_MS = 5000;

/** Runs a scenario; the report is on stdout, what is wrong on stderr. */
export async function runScenario(request: RunRequest): Promise<RunResult> {
  const { scenario, env, args } = request;
  const { settings, tiers, problems, longestSec } = prepare(scenario, env);
  if (problems.length > 0) {
    for (const problem of problems) console.error(problem);
    console.error(`${problems.length} problem(s); no call was made (exit code ${BAD_INPUT})`);
    return { exitCode: BAD_INPUT, folder: null };
  }
  const k6 = await ensureK6();
  const startedAt = new Date();
  const folder = request.folder ?? (await makeRunFolder(scenario, startedAt));
  await writeRunFile(folder, { scenario, k6: k6.version, settings, tiers, startedAt });
  const log = join(folder, "log.jsonl");
  const own = { TURN_LOG: "true", RESULTS_DIR: folder, K6_NO_USAGE_REPORT: "true", PWD: process.cwd() };
  const flags = ["--quiet", "--log-format", "raw", "--console-output", log];
  // In a process group of its own, so that a terminal's Ctrl-C reaches it once, through us.
  const child = spawn(k6.path, ["run", ...flags, ...args, `dist/${scenario}.js`], {
    env: { ...env, ...own },
    stdio: ["ignore", "inherit", "inherit"],
    detached: true,
  });
  const stopProgress = followProgress(log);
  const code = await supervise(child, longestSec + WATCHDOG_SEC);
  stopProgress();
  return { exitCode: await conclude(folder, code, k6.version), folder };
}

/** Passes signals on, and ends a k6 that hangs on a peer that stopped reading. Resolves with its exit code. */
async function supervise(child: ChildProcess, limitSec: number): Promise<number> {
  const forward = () => child.kill("SIGINT");
  const timers = [0, 1, 2].map((count) =>
    setTimeout(
      () => {
        console.error(`k6 did not end in ${limitSec} s: the agent may have stopped reading; stopping it`);
        child.kill(count < 2 ? "SIGINT" : "SIGKILL");
      },
      limitSec * 1000 + count * SIGNAL_EVERY_MS,
    ),
  );
  process.on("SIGINT", forward);
  process.on("SIGTERM", forward);
  const code = await new Promise<number | null>((done, failed) => {
    child.once("error", failed);
    child.once("close", done);
  });
  process.off("SIGINT", forward);
  process.off("SIGTERM", forward);
  for (const timer of timers) clearTimeout(timer);
  return code ?? LOG_BROKEN;
}

/** Sees to it that there is a report, that it knows how k6 ended, and that the log is whole. */
async function conclude(folder: string, code: number, k6Version: string): Promise<number> {
  const path = join(folder, "summary.json");
  const { lines } = await readLog(folder);
  const written = await readFile(path, "utf8").catch(() => null);
  let exitCode = code;
  let summary: Record<string, unknown>;
  if (written === null) {
    const run = await reportFromLog(folder, true);
    console.log(reportText(run));
    summary = { ...summaryJson(run) };
    if (code === 0) exitCode = LOG_BROKEN;
  } else {
    summary = JSON.parse(written) as Record<string, unknown>;
    const logged = countIn(summary, "log_lines");
    if (logged !== lines && code !== INTERRUPTED) {
      console.error(
        `log.jsonl: expected ${logged} lines, got ${lines}: the log could not be written (is the disk full?)`,
      );
      exitCode = LOG_BROKEN;
    }
  }
  const verdict: Run["verdict"] | unknown = code === INTERRUPTED ? "INTERRUPTED" : summary.verdict;
  if (verdict !== summary.verdict) console.log(`${verdict}  k6 was stopped before its calls had ended`);
  await writeFile(path, `${JSON.stringify({ ...summary, verdict, k6: k6Version }, null, 2)}\n`);
  console.log(`${folder}  exit code ${exitCode}`);
  return exitCode;
}

function countIn(summary: Record<string, unknown>, metric: string): number {
  const metrics = summary.metrics as Record<string, { count?: number }> | undefined;
  return metrics?.[metric]?.count ?? 0;
}
