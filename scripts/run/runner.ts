/**
 * Runs one scenario with k6 as the make targets do: a folder of its own, the log in it, progress while it goes, a
 * watchdog behind it, and a report at the end whatever happens.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Run } from "../../lib/report/summary.ts";
import { reportText } from "../../lib/report/table.ts";
import type { Judgement } from "../../lib/report/verdict.ts";
import type { ScenarioName } from "../../lib/wire/wires.ts";
import { withMachine, writeReaders } from "../readers/write_reports.ts";
import { watchMachine } from "../results/machine.ts";
import { machineFacts, machineText } from "../results/machine_facts.ts";
import { asJudgedByK6, type Reread } from "../results/report_from_log.ts";
import { appendEnd, makeRunFolder, readLog, writeRunFile } from "../results/run_folder.ts";
import { ensureK6 } from "./k6.ts";
import { k6Env } from "./k6_env.ts";
import { prepare } from "./prepare.ts";
import { followProgress } from "./progress.ts";

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
  const { settings, tiers, problems, remarks, longestSec } = prepare(scenario, env);
  if (problems.length > 0) {
    for (const problem of problems) console.error(problem);
    console.error(`${problems.length} problem(s); no call was made (exit code ${BAD_INPUT})`);
    return { exitCode: BAD_INPUT, folder: null };
  }
  for (const remark of remarks) console.error(`note  ${remark}`);
  const k6 = await ensureK6();
  const startedAt = new Date();
  const folder = request.folder ?? (await makeRunFolder(scenario, startedAt));
  await writeRunFile(folder, { scenario, k6: k6.version, settings, tiers, remarks, startedAt });
  const log = join(folder, "log.jsonl");
  const own = { TURN_LOG: "true", RESULTS_DIR: folder, PWD: process.cwd() };
  const flags = ["--quiet", "--log-format", "raw", "--console-output", log];
  // In a process group of its own, so that a terminal's Ctrl-C reaches it once, through us.
  const child = spawn(k6.path, ["run", ...flags, ...args, `dist/${scenario}.js`], {
    env: { ...k6Env(env), ...own },
    stdio: ["ignore", "inherit", "inherit"],
    detached: true,
  });
  const stopProgress = followProgress(log);
  const stopWatching = child.pid === undefined ? null : watchMachine(child.pid, join(folder, "machine.jsonl"));
  const code = await supervise(child, longestSec + WATCHDOG_SEC).finally(() => stopWatching?.());
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

/** Writes every reader of the run, and sees to it that they know how k6 ended and that the log is whole. */
async function conclude(folder: string, code: number, k6Version: string): Promise<number> {
  const ofK6 = await readFile(join(folder, "summary.json"), "utf8").catch(() => null);
  const { end, lines } = await readLog(folder);
  if (ofK6 === null || code === INTERRUPTED) {
    await appendEnd(folder, { droppedIterations: 0, remarks: [], ...end, interrupted: true });
  }
  const reread = await writeReaders(folder);
  const said = ofK6 === null ? null : (JSON.parse(ofK6) as SummaryOfK6);
  const problem = said === null || code === INTERRUPTED ? null : logProblem(said, lines, reread.run);
  if (said === null) console.log(reportText(reread.run));
  else await complete(folder, code, { ...said, k6: k6Version }, reread, problem);
  const facts = machineFacts(reread.machine);
  if (facts !== null) console.log(`machine    ${machineText(facts)}`);
  const exitCode = problem !== null || (said === null && code === 0) ? LOG_BROKEN : code;
  console.log(`${join(folder, "report.html")}  exit code ${exitCode}`);
  return exitCode;
}

/** Adds to what k6 said of its run what it could not know; what it counted stays, for the log to be held against it. */
async function complete(
  folder: string,
  code: number,
  said: SummaryOfK6 & { readonly k6: string },
  reread: Reread,
  problem: string | null,
): Promise<void> {
  const { run } = reread;
  const cause = problem === null ? reread.cause : null;
  if (problem !== null) {
    console.error(problem);
    await writeReaders(folder, (again) => asJudgedByK6(again, said, problem));
  } else if (said.verdict !== run.verdict) {
    console.log(`${run.verdict}  k6 was stopped before its calls had ended`);
  }
  const verdict = code === INTERRUPTED ? run.verdict : said.verdict;
  const reasons = cause === null ? said.reasons : [...said.reasons, cause];
  const remarks = problem === null ? said.remarks : [problem, ...said.remarks];
  const summary = withMachine({ ...said, verdict, reasons, remarks }, reread.machine);
  await writeFile(join(folder, "summary.json"), `${JSON.stringify(summary, null, 2)}\n`);
  if (cause !== null) console.log(`cause      ${cause}`);
}

/** What is needed of the summary that k6's own handleSummary wrote. */
interface SummaryOfK6 extends Judgement {
  readonly remarks: readonly string[];
  readonly metrics: Readonly<Record<string, { readonly count?: number } | undefined>>;
}

/** Says that the log is not the run that k6 saw, or null. */
function logProblem({ metrics, verdict }: SummaryOfK6, lines: number, run: Run): string | null {
  const logged = metrics.log_lines?.count ?? 0;
  if (logged !== lines)
    return `log.jsonl: expected ${logged} lines, got ${lines}: the log could not be written (is the disk full?)`;
  if (verdict === run.verdict) return null;
  return `log.jsonl: expected the verdict ${verdict} as k6 gave it, got ${run.verdict}; please report this`;
}
