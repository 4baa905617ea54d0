/**
 * Computes a run's report from the files in its folder: verdict and statistics from `run.json` and `log.jsonl`, also
 * after a killed run, and the cause of late frames from `machine.jsonl`, where that exists.
 */

import { join } from "node:path";
import { callSamples, type SampleContext, turnSamples } from "../../lib/metrics/samples.ts";
import { differentGo } from "../../lib/report/go_variables.ts";
import { type RunSummary, summaryFromStats } from "../../lib/report/run_summary.ts";
import { evaluateThreshold, type Stats, StatsBuilder } from "../../lib/report/stats.ts";
import type { VerdictWithReasons } from "../../lib/report/verdict.ts";
import { requiredPercentiles, runThresholds } from "../../lib/settings/thresholds.ts";
import { WIRES } from "../../lib/wire/wires.ts";
import { latenessCause } from "./lateness_cause.ts";
import { lineProblems, lineRemarks } from "./line_counts.ts";
import { readJsonLines } from "./lines.ts";
import type { CallLine, TurnLine } from "./log_lines.ts";
import type { MachineSample } from "./machine.ts";
import { redirectReasons } from "./redirects.ts";
import { type RunFile, readRunFile } from "./run_folder.ts";
import { type LogFacts, scanLog } from "./scan_log.ts";
import { type ShownLog, ShownLogBuilder } from "./shown_log.ts";

/** What is known of a run from its folder, and the report computed from it. */
export interface RunReport {
  readonly file: RunFile;
  readonly log: LogFacts;
  /** What the charts and lists of the report show of the log. */
  readonly shown: ShownLog;
  readonly run: RunSummary;
  /** The samples of `machine.jsonl`; empty where there are none. */
  readonly machine: readonly MachineSample[];
  /**
   * The cause of late frames where they made the run INVALID and it is known; it is also the last of the run's
   * reasons.
   */
  readonly cause: string | null;
  /** Where dials were redirected to; these stand among the run's reasons. */
  readonly redirects: readonly string[];
}

/** Series whose failed thresholds mean that the load generator was late. */
const LATENESS_SERIES = ["clock_step", "send_lag", "on_time"];

/**
 * Reads a run's folder and computes its report. A log without an end line is that of an interrupted run, unless `hasEnded`
 * says that k6 ended by itself. A log that is not whole makes a run INVALID, because nobody knows what the missing lines say.
 */
export async function reportFromLog(folder: string, hasEnded = false): Promise<RunReport> {
  const file = await readRunFile(folder);
  const { scenario, settings, thresholds: tiers } = file;
  const stats = new StatsOfLog(file);
  const shownBuilder = new ShownLogBuilder();
  const redirected: Pick<CallLine, "faults" | "location">[] = [];
  let firstUnread: CallLine["unread"] = null;
  const log = await scanLog(folder, {
    turn(line, callIsOver) {
      stats.turn(line);
      shownBuilder.turn(line, callIsOver);
    },
    call(line) {
      firstUnread ??= line.unread;
      if (line.location !== undefined) redirected.push({ faults: line.faults, location: line.location });
      stats.call(line);
      shownBuilder.call(line);
    },
  });
  const remarks = [...new Set([...file.remarks, ...log.remarks, ...lineRemarks(log.lines, log.end)])];
  const { path, pathHint } = WIRES[scenario];
  const go = differentGo([file.go, ...log.go]);
  const input = { scenario, settings, tiers, remarks, go, path, pathHint, firstUnread };
  const measured = summaryFromStats(stats.build(log), input, log.end?.interrupted ?? !hasEnded);
  const run = withProblems(measured, lineProblems(log.lines));
  const shown = shownBuilder.build();
  const machine = await readMachine(folder);
  const cause = isInvalidForLateness(run) ? latenessCause(shown.worstLags, machine) : null;
  const redirects = run.verdict === "PASS" ? [] : redirectReasons(redirected, file, run);
  const reasons = [...run.reasons, ...redirects, ...(cause === null ? [] : [cause])];
  return { file, log, shown, run: { ...run, reasons }, machine, cause, redirects };
}

/** A run whose files are not whole: that comes first among its reasons, and it is not PASS or FAIL. */
export function withProblems(run: RunSummary, problems: readonly string[]): RunSummary {
  if (problems.length === 0) return run;
  const reasons = run.verdict === "PASS" ? problems : [...problems, ...run.reasons];
  return { ...run, verdict: run.verdict === "INTERRUPTED" ? "INTERRUPTED" : "INVALID", reasons };
}

/** Reads the samples that are there: a suspended or stopped machine may leave a line cut off, or no file. */
async function readMachine(folder: string): Promise<MachineSample[]> {
  const lines = await readJsonLines(join(folder, "machine.jsonl")).catch(() => []);
  return lines.filter((line) => typeof line?.atMs === "number") as unknown as MachineSample[];
}

function isInvalidForLateness({ settings, stats, tiers, verdict }: RunSummary): boolean {
  const thresholds = runThresholds(tiers, settings);
  const fails = LATENESS_SERIES.some((series) =>
    (thresholds[series] ?? []).some((threshold) => {
      const expression = typeof threshold === "string" ? threshold : threshold.threshold;
      return evaluateThreshold(expression, stats[series]) === false;
    }),
  );
  return verdict === "INVALID" && fails;
}

/**
 * The report for an incomplete log: with k6's own verdict and reasons. `missing` describes the gap and becomes the
 * first remark.
 */
export function withVerdictOfK6(
  report: RunReport,
  { verdict, reasons }: VerdictWithReasons,
  missing: string,
): RunReport {
  const remark = `${missing}; the verdict is k6's own, the numbers here are of what the log holds`;
  return {
    ...report,
    cause: null,
    redirects: [],
    run: { ...report.run, verdict, reasons, remarks: [remark, ...report.run.remarks] },
  };
}

/** What the records of a run are converted to samples with. */
export function sampleContext({ scenario, settings }: Pick<RunFile, "scenario" | "settings">): SampleContext {
  const textLeadsAudio = WIRES[scenario].textLeadsAudio(settings.PIPELINE);
  return { warmupTurns: settings.WARMUP_TURNS, textLeadsAudio };
}

/** Computes the statistics of a log, record by record. */
class StatsOfLog {
  private readonly stats: StatsBuilder;
  private readonly context: SampleContext;

  constructor({ scenario, settings, thresholds }: RunFile) {
    this.stats = new StatsBuilder(requiredPercentiles(thresholds));
    this.context = sampleContext({ scenario, settings });
  }

  turn(line: TurnLine): void {
    for (const sample of turnSamples({ ...line, utterance: 0 }, this.context)) this.stats.add(sample);
  }

  call(line: CallLine): void {
    for (const sample of callSamples(line)) this.stats.add(sample);
  }

  /** The statistics, with the two numbers that k6 counts itself, so that no record yields them. */
  build({ end, lines }: LogFacts): Stats {
    const limit = end?.generatorLimit ?? null;
    if (limit !== null) this.stats.add({ metric: "generator_limit", value: 1, tags: { kind: limit } });
    const k6Counters = { dropped_iterations: { count: end?.droppedIterations ?? 0 }, log_lines: { count: lines.read } };
    return { ...this.stats.build(), ...k6Counters };
  }
}
