/**
 * Ends a run of the make targets: checks the log against k6's own summary, and writes the report, whatever k6 and the disk
 * left of the run's folder.
 */

import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";

import { reportText } from "../../lib/report/report_text.ts";
import type { VerdictWithReasons } from "../../lib/report/verdict.ts";
import { summaryOf, withMachineFacts, writeReportFiles } from "../readers/write_reports.ts";
import { lineProblems } from "../results/line_counts.ts";
import { parseObject } from "../results/lines.ts";
import { machineFacts, machineText } from "../results/machine_facts.ts";
import { type RunReport, reportFromLog, withProblems, withVerdictOfK6 } from "../results/report_from_log.ts";
import { appendEnd } from "../results/run_folder.ts";
import { scanLog } from "../results/scan_log.ts";
import { fileProblem } from "../setup/files.js";

/** k6's exit code of a run that was interrupted. */
export const INTERRUPTED = 105;

/** The exit codes with which k6 ends by itself: it has judged its thresholds and printed the report. */
const ENDED: readonly number[] = [0, 99];

/** The exit code of a run whose k6 was killed, or whose files are incomplete. */
export const RUN_INCOMPLETE = 255;

/** The fields that are read from the `summary.json` that handleSummary wrote in k6. */
interface SummaryOfK6 extends VerdictWithReasons {
  readonly remarks: readonly string[];
  readonly metrics: Readonly<Record<string, { readonly count?: number } | undefined>>;
}

/** The report of a run that has ended, and what of its files is not whole; null where all are. */
interface Conclusion {
  readonly report: RunReport;
  /** The content of `summary.json`. */
  readonly summary: object;
  readonly problem: string | null;
}

/** Prints a line of the report. */
type Print = (line: string) => void;

/** How k6 ended. */
export interface K6End {
  readonly version: string;
  readonly code: number;
  /** What k6 ran out of and died of. */
  readonly limit?: "memory" | null;
}

/**
 * Writes all report files after k6 has ended, and prints what k6 has not printed; returns the exit code. Never fails: where no
 * report can be made, it says why, and what k6 printed stands.
 */
export async function concludeRun(folder: string, k6: K6End, print: Print = console.log): Promise<number> {
  const { code, limit = null } = k6;
  try {
    const { problem, report, summary } = await conclude(folder, k6, print);
    if (problem !== null) console.error(problem);
    const unwritten = await writeReportFiles(folder, report, summary);
    if (unwritten !== null) console.error(`${unwritten}${ENDED.includes(code) ? VERDICT_STANDS : ""}`);
    const facts = machineFacts(report.machine);
    if (facts !== null) print(`machine    ${machineText(facts)}`);
    const isWhole = problem === null && unwritten === null && limit === null;
    const exitCode = isWhole ? code : RUN_INCOMPLETE;
    print(`${unwritten === null ? join(folder, "report.html") : folder}  exit code ${exitCode}`);
    return exitCode;
  } catch (error) {
    const isGone = await stat(folder).then(
      () => false,
      () => true,
    );
    const why = isGone ? `${folder} was removed during the run` : fileProblem(error);
    console.error(`no report could be written: ${why}${ENDED.includes(code) ? VERDICT_STANDS : ""}`);
    console.error(`exit code ${RUN_INCOMPLETE}`);
    return RUN_INCOMPLETE;
  }
}

const VERDICT_STANDS = "; the verdict is the one that k6 printed";

/** Makes the report. Appends an end line to the log of a run that k6 did not end by itself. */
async function conclude(folder: string, { code, limit = null, version }: K6End, print: Print): Promise<Conclusion> {
  const k6Summary = await readSummaryOfK6(folder);
  const hasEnded = ENDED.includes(code);
  if (code === INTERRUPTED || (k6Summary === null && !hasEnded)) {
    const how = limit === null ? { interrupted: true } : { interrupted: false, generatorLimit: limit };
    await appendEnd(folder, (await scanLog(folder)).lastEnd, how);
  }
  const report = await reportFromLog(folder, hasEnded);
  if (k6Summary !== null) return completeSummary(code, { ...k6Summary, k6: version }, report, print);
  // k6's own report may have been asked for; without it, the log must be whole.
  const isWhole = !hasEnded || (report.log.end !== null && lineProblems(report.log.lines).length === 0);
  const problem = isWhole ? null : `${await missingSummary(folder)} (is the disk full?)${VERDICT_STANDS}`;
  const run = problem === null ? report.run : withProblems(report.run, [problem]);
  if (isWhole) print(reportText(run));
  const whole = { ...report, run };
  return { report: whole, summary: summaryOf(whole), problem };
}

/**
 * Adds to k6's own `summary.json` what k6 cannot know: its version, facts on the machine, the cause of lateness and a
 * problem of the log. The numbers in it stay those of k6.
 */
function completeSummary(
  code: number,
  k6Summary: SummaryOfK6 & { readonly k6: string },
  report: RunReport,
  print: Print,
): Conclusion {
  const { run } = report;
  const problem = code === INTERRUPTED ? null : logProblem(k6Summary, report);
  const cause = problem === null ? report.cause : null;
  if (problem === null && k6Summary.verdict !== run.verdict) {
    print(`${run.verdict}  k6 was stopped before its calls had ended`);
  }
  const verdict = code === INTERRUPTED ? run.verdict : k6Summary.verdict;
  const redirects = problem === null ? report.redirects : [];
  const known = k6Summary.reasons.map((reason) => longerForm(reason, run.reasons));
  const reasons = [...known, ...redirects, ...(cause === null ? [] : [cause])];
  const remarks = problem === null ? k6Summary.remarks : [problem, ...k6Summary.remarks];
  const summary = withMachineFacts({ ...k6Summary, verdict, reasons, remarks }, report.machine);
  for (const reason of known) if (!k6Summary.reasons.includes(reason)) print(`unread     ${reason}`);
  for (const redirect of redirects) print(`redirect   ${redirect}`);
  if (cause !== null) print(`cause      ${cause}`);
  return { report: problem === null ? report : withVerdictOfK6(report, k6Summary, problem), summary, problem };
}

/** A reason of k6, or the reason of the log that begins with it and knows more: what the first unread message was. */
function longerForm(reason: string, reasonsOfLog: readonly string[]): string {
  return reasonsOfLog.find((known) => known.startsWith(`${reason};`)) ?? reason;
}

/** The summary that k6 wrote; null where it wrote none, or where that is not whole. */
async function readSummaryOfK6(folder: string): Promise<SummaryOfK6 | null> {
  const text = await readFile(join(folder, "summary.json"), "utf8").catch(() => "");
  return parseObject(text) as SummaryOfK6 | null;
}

async function missingSummary(folder: string): Promise<string> {
  const size = await stat(join(folder, "summary.json")).then(
    (found) => found.size,
    () => -1,
  );
  const got = size < 0 ? "no file" : size === 0 ? "an empty file" : "half a file";
  return `summary.json: expected the summary that k6 writes when it ends, got ${got}`;
}

/** How the log differs from k6's own summary; null when it does not. */
function logProblem({ metrics, verdict }: SummaryOfK6, { log, run }: RunReport): string | null {
  const { damaged, read } = log.lines;
  const logged = metrics.log_lines?.count ?? 0;
  if (logged !== read)
    return `log.jsonl: expected ${logged} lines, got ${read}: the log could not be written whole, or was cut (is the disk full?)`;
  if (log.end === null) return "log.jsonl: expected an end line, got none: it could not be written (is the disk full?)";
  if (damaged > 0) return `log.jsonl: expected no damaged lines, got ${damaged}: does something else write to it?`;
  if (verdict === run.verdict) return null;
  return `log.jsonl: expected the verdict ${verdict} as k6 gave it, got ${run.verdict}; please report this`;
}
