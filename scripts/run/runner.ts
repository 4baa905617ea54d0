/**
 * Runs a scenario with k6 for the make targets: creates the run's folder, shows progress, stops a k6 that hangs, and
 * writes the report however the run ended.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { reportText } from "../../lib/report/report_text.ts";
import type { RunSummary } from "../../lib/report/run_summary.ts";
import type { VerdictWithReasons } from "../../lib/report/verdict.ts";
import type { ScenarioName } from "../../lib/wire/wires.ts";
import { withMachineFacts, writeReports } from "../readers/write_reports.ts";
import { recordMachine } from "../results/machine.ts";
import { machineFacts, machineText } from "../results/machine_facts.ts";
import { type RunReport, withVerdictOfK6 } from "../results/report_from_log.ts";
import { appendEnd, makeRunFolder, readLog, writeRunFile } from "../results/run_folder.ts";
import { ensureK6 } from "./k6.ts";
import { k6Env } from "./k6_env.ts";
import { k6OptionProblems } from "./k6_option_problems.ts";
import { makeProblems } from "./make_settings.ts";
import { passOnMasked } from "./masked_lines.ts";
import { type ProcessEnd, watchMemory } from "./out_of_memory.ts";
import { prepare, targetSecrets } from "./prepare.ts";
import { followProgress } from "./progress.ts";

/** What to run. */
export interface RunRequest {
  readonly scenario: ScenarioName;
  /** The environment, with the settings in it. */
  readonly env: NodeJS.ProcessEnv;
  /** Further arguments for k6. */
  readonly args: readonly string[];
  /** The run's folder; a new one in RESULTS_DIR by default. */
  readonly folder?: string;
}

/** How a run ended: with k6's exit code, or with that of this script where k6 could not detect the failure. */
export interface RunResult {
  readonly exitCode: number;
  /** Null when an input was wrong and k6 was not started. */
  readonly folder: string | null;
}

const BAD_INPUT = 107;
const INTERRUPTED = 105;
/** k6 was killed, or its log is incomplete. */
const RUN_INCOMPLETE = 255;

/** The watchdog stops k6 this long after the end of the longest possible run, in s. */
const WATCHDOG_SEC = 30;

/** The time between two signals of the watchdog, in ms. */
const SIGNAL_EVERY_MS = 5000;

/** Runs a scenario; prints the report to stdout and problems to stderr. */
export async function runScenario(request: RunRequest): Promise<RunResult> {
  const { scenario, env, args } = request;
  const { settings, tiers, remarks, longestSec, ...inputs } = prepare(scenario, env);
  const problems = [...inputs.problems, ...makeProblems(settings, env), ...k6OptionProblems({ args, env })];
  if (problems.length > 0) {
    for (const problem of problems) console.error(problem);
    console.error(`${problems.length} problem(s); no call was made (exit code ${BAD_INPUT})`);
    return { exitCode: BAD_INPUT, folder: null };
  }
  for (const remark of remarks) console.error(`note  ${remark}`);
  const k6 = await ensureK6();
  const startedAt = new Date();
  const folder = request.folder ?? (await makeRunFolder(scenario, startedAt, settings.RESULTS_DIR));
  await writeRunFile(folder, { scenario, k6: k6.version, settings, tiers, remarks, startedAt });
  const log = join(folder, "log.jsonl");
  const runEnv = { TURN_LOG: "true", RESULTS_DIR: folder, PWD: process.cwd() };
  const flags = ["--quiet", "--log-format", "raw", "--console-output", log];
  // A separate process group, so that Ctrl-C in a terminal reaches k6 once only, forwarded by this process.
  const child = spawn(k6.path, ["run", ...flags, ...args, `dist/${scenario}.js`], {
    env: { ...k6Env(env), ...runEnv },
    stdio: ["ignore", "inherit", "pipe"],
    detached: true,
  });
  passOnMasked(child.stderr, process.stderr, targetSecrets(settings));
  const memory = watchMemory(child.stderr);
  const stopProgress = followProgress(log);
  const stopRecording = child.pid === undefined ? null : recordMachine(child.pid, join(folder, "machine.jsonl"));
  const end = await supervise(child, longestSec + WATCHDOG_SEC).finally(() => stopRecording?.());
  stopProgress();
  const limit = memory.ranOut(end) ? "memory" : null;
  return { exitCode: await finishRun(folder, end.code ?? RUN_INCOMPLETE, k6.version, limit), folder };
}

/** Forwards signals to k6, and stops a k6 that hangs because the agent stopped reading. Resolves with how it ended. */
async function supervise(child: ChildProcess, limitSec: number): Promise<ProcessEnd> {
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
  const end = await new Promise<ProcessEnd>((done, failed) => {
    child.once("error", failed);
    child.once("close", (code, signal) => done({ code, signal }));
  });
  process.off("SIGINT", forward);
  process.off("SIGTERM", forward);
  for (const timer of timers) clearTimeout(timer);
  return end;
}

/**
 * Writes all report files after k6 has ended; returns the exit code. Checks the log against the counts of k6's own
 * summary, and appends an end line where k6 was interrupted or killed. `limit` is what k6 ran out of and died of.
 */
async function finishRun(folder: string, code: number, k6Version: string, limit: "memory" | null): Promise<number> {
  const summaryText = await readFile(join(folder, "summary.json"), "utf8").catch(() => null);
  const { end, lines } = await readLog(folder);
  if (summaryText === null || code === INTERRUPTED) {
    const how = limit === null ? { interrupted: true } : { interrupted: false, generatorLimit: limit };
    await appendEnd(folder, { droppedIterations: 0, remarks: [], ...end, ...how });
  }
  const report = await writeReports(folder);
  const k6Summary = summaryText === null ? null : (JSON.parse(summaryText) as SummaryOfK6);
  const problem = k6Summary === null || code === INTERRUPTED ? null : logProblem(k6Summary, lines, report.run);
  if (k6Summary === null) console.log(reportText(report.run));
  else await completeSummary(folder, code, { ...k6Summary, k6: k6Version }, report, problem);
  const facts = machineFacts(report.machine);
  if (facts !== null) console.log(`machine    ${machineText(facts)}`);
  const isIncomplete = problem !== null || (k6Summary === null && code === 0) || limit !== null;
  const exitCode = isIncomplete ? RUN_INCOMPLETE : code;
  console.log(`${join(folder, "report.html")}  exit code ${exitCode}`);
  return exitCode;
}

/**
 * Adds to k6's own `summary.json` what k6 cannot know: its version, facts on the machine, the cause of lateness and a
 * problem of the log. The numbers in it stay those of k6.
 */
async function completeSummary(
  folder: string,
  code: number,
  k6Summary: SummaryOfK6 & { readonly k6: string },
  report: RunReport,
  problem: string | null,
): Promise<void> {
  const { run } = report;
  const cause = problem === null ? report.cause : null;
  if (problem !== null) {
    console.error(problem);
    await writeReports(folder, (logReport) => withVerdictOfK6(logReport, k6Summary, problem));
  } else if (k6Summary.verdict !== run.verdict) {
    console.log(`${run.verdict}  k6 was stopped before its calls had ended`);
  }
  const verdict = code === INTERRUPTED ? run.verdict : k6Summary.verdict;
  const redirects = problem === null ? report.redirects : [];
  const reasons = [...k6Summary.reasons, ...redirects, ...(cause === null ? [] : [cause])];
  const remarks = problem === null ? k6Summary.remarks : [problem, ...k6Summary.remarks];
  const summary = withMachineFacts({ ...k6Summary, verdict, reasons, remarks }, report.machine);
  await writeFile(join(folder, "summary.json"), `${JSON.stringify(summary, null, 2)}\n`);
  for (const redirect of redirects) console.log(`redirect   ${redirect}`);
  if (cause !== null) console.log(`cause      ${cause}`);
}

/** The fields that are read from the `summary.json` that handleSummary wrote in k6. */
interface SummaryOfK6 extends VerdictWithReasons {
  readonly remarks: readonly string[];
  readonly metrics: Readonly<Record<string, { readonly count?: number } | undefined>>;
}

/** How the log differs from k6's own summary; null when it does not. */
function logProblem({ metrics, verdict }: SummaryOfK6, lines: number, run: RunSummary): string | null {
  const logged = metrics.log_lines?.count ?? 0;
  if (logged !== lines)
    return `log.jsonl: expected ${logged} lines, got ${lines}: the log could not be written (is the disk full?)`;
  if (verdict === run.verdict) return null;
  return `log.jsonl: expected the verdict ${verdict} as k6 gave it, got ${run.verdict}; please report this`;
}
