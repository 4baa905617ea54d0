/**
 * Runs a scenario with k6 for the make targets: creates the run's folder, shows progress, stops a k6 that hangs, and
 * writes the report however the run ended.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

import { goVariables } from "../../lib/report/go_variables.ts";
import type { ScenarioName } from "../../lib/wire/wires.ts";
import { pageScript } from "../readers/report_html.ts";
import { recordMachine } from "../results/machine.ts";
import { makeRunFolder, writeRunFile } from "../results/run_folder.ts";
import { fileProblem } from "../setup/files.js";
import { guarded } from "./children.ts";
import { concludeRun, INTERRUPTED, RUN_INCOMPLETE } from "./conclude.ts";
import { followInterrupts } from "./interrupts.ts";
import { ensureK6 } from "./k6.ts";
import { k6Env } from "./k6_env.ts";
import { passOnMasked } from "./masked_lines.ts";
import { type ProcessEnd, watchMemory } from "./out_of_memory.ts";
import { prepare, targetSecrets } from "./prepare.ts";
import { followProgress } from "./progress.ts";
import { refuse, runProblems } from "./run_problems.ts";

/** What to run. */
export interface RunRequest {
  readonly scenario: ScenarioName;
  /** The environment, with the settings in it. */
  readonly env: NodeJS.ProcessEnv;
  /** Further arguments for k6. */
  readonly args: readonly string[];
  /** The run's folder; a new one in RESULTS_DIR by default. */
  readonly folder?: string;
  /** True: only progress and problems are printed, as for a run that is one of many; the report is in its folder. */
  readonly isQuiet?: boolean;
}

/** How a run ended: with k6's exit code, or with that of this script where k6 could not detect the failure. */
export interface RunResult {
  readonly exitCode: number;
  /** Null when an input was wrong and k6 was not started. */
  readonly folder: string | null;
}

/** The watchdog stops k6 this long after the end of the longest possible run, in s. */
const WATCHDOG_SEC = 30;

/** The time between two signals of the watchdog, in ms. */
const SIGNAL_EVERY_MS = 5000;

/** Runs a scenario; prints the report to stdout and problems to stderr. */
export async function runScenario(request: RunRequest): Promise<RunResult> {
  const { scenario, env, args, isQuiet = false } = request;
  const prepared = prepare(scenario, env);
  const { settings, tiers, remarks, longestSec } = prepared;
  const problems = runProblems(prepared, env, args);
  if (problems.length > 0) return { exitCode: refuse(problems), folder: null };
  if (!isQuiet) for (const remark of remarks) console.error(`note  ${remark}`);
  await pageScript();
  const k6 = await ensureK6();
  const startedAt = new Date();
  const k6Variables = k6Env(env);
  const go = goVariables(k6Variables);
  const file = { scenario, k6: k6.version, settings, tiers, remarks, startedAt, go };
  const folder = await makeFolder(request, file).catch((error: unknown) => {
    const name = request.folder ?? (settings.RESULTS_DIR || "results/");
    const problem = fileProblem(error);
    throw new Error(`${problem.startsWith(name) ? problem : `${name}: ${problem}`}; no call was made`);
  });
  const log = join(folder, "log.jsonl");
  const runEnv = { TURN_LOG: "true", RESULTS_DIR: folder, PWD: process.cwd() };
  const flags = ["--quiet", "--log-format", "raw", "--console-output", log];
  // A separate process group, so that Ctrl-C in a terminal reaches k6 once only, forwarded by this process.
  const child = guarded(() =>
    spawn(k6.path, ["run", ...flags, ...args, `dist/${scenario}.js`], {
      env: { ...k6Variables, ...runEnv },
      stdio: ["ignore", isQuiet ? "ignore" : "inherit", "pipe"],
      detached: true,
    }),
  );
  passOnMasked(child.stderr, process.stderr, targetSecrets(settings), isQuiet ? "no verdict" : "all");
  const memory = watchMemory(child.stderr);
  const stopProgress = followProgress(log);
  const stopRecording = child.pid === undefined ? null : recordMachine(child.pid, join(folder, "machine.jsonl"));
  let late = 0;
  const stopFollowing = followInterrupts(() => {
    // k6 has ended and the report is being written: it takes two more signals to leave without one.
    if (!child.kill("SIGINT") && ++late > 1) process.exit(INTERRUPTED);
  });
  try {
    const end = await supervise(child, longestSec + WATCHDOG_SEC).finally(() => stopRecording?.());
    stopProgress();
    const limit = memory.ranOut(end) ? "memory" : null;
    const print = isQuiet ? () => {} : console.log;
    return { exitCode: await concludeRun(folder, { version: k6.version, code: codeOf(end), limit }, print), folder };
  } finally {
    stopFollowing();
  }
}

/** k6's exit code. While k6 writes its summary it handles no signal any more: a second interrupt then kills it. */
function codeOf({ code, signal }: ProcessEnd): number {
  return code ?? (signal === "SIGINT" ? INTERRUPTED : RUN_INCOMPLETE);
}

/** Stops a k6 that hangs because the agent stopped reading. Resolves with how it ended. */
async function supervise(child: ChildProcess, limitSec: number): Promise<ProcessEnd> {
  const timers = [0, 1, 2].map((count) =>
    setTimeout(
      () => {
        console.error(`k6 did not end in ${limitSec} s: the agent may have stopped reading; stopping it`);
        child.kill(count < 2 ? "SIGINT" : "SIGKILL");
      },
      limitSec * 1000 + count * SIGNAL_EVERY_MS,
    ),
  );
  const end = await new Promise<ProcessEnd>((done, failed) => {
    child.once("error", failed);
    child.once("close", (code, signal) => done({ code, signal }));
  });
  for (const timer of timers) clearTimeout(timer);
  return end;
}

type RunInputs = Parameters<typeof writeRunFile>[1];

/** Makes the run's folder and writes its inputs into it; returns its path. */
async function makeFolder({ folder, scenario }: RunRequest, inputs: RunInputs): Promise<string> {
  const made = folder ?? (await makeRunFolder(scenario, inputs.startedAt, inputs.settings.RESULTS_DIR));
  await writeRunFile(made, inputs);
  return made;
}
