/**
 * Computes a run's report from the files in its folder: verdict and statistics from `run.json` and `log.jsonl`, also
 * after a killed run, and the cause of late frames from `machine.jsonl`, where that exists.
 */

import { join } from "node:path";
import { callSamples, turnSamples } from "../../lib/metrics/samples.ts";
import { type RunSummary, summaryFromStats } from "../../lib/report/run_summary.ts";
import { evaluateThreshold, type Stats, StatsBuilder } from "../../lib/report/stats.ts";
import type { VerdictWithReasons } from "../../lib/report/verdict.ts";
import { requiredPercentiles, runThresholds } from "../../lib/settings/thresholds.ts";
import { WIRES } from "../../lib/wire/wires.ts";
import { lagSeconds } from "./lag_seconds.ts";
import { latenessCause } from "./lateness_cause.ts";
import type { MachineSample } from "./machine.ts";
import { redirectReasons } from "./redirects.ts";
import { type Log, type RunFile, readJsonLines, readLog, readRunFile, type TurnLine } from "./run_folder.ts";

/** The content of a run's folder, and the report computed from it. */
export interface RunReport {
  readonly file: RunFile;
  /** Turns are sorted by end of speech. */
  readonly log: Log;
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

/** Reads a run's folder and computes its report. A log without an end line is that of an interrupted run. */
export async function reportFromLog(folder: string): Promise<RunReport> {
  const file = await readRunFile(folder);
  const log = sortedByEndOfSpeech(await readLog(folder));
  const { scenario, settings, thresholds: tiers } = file;
  const remarks = [...new Set([...file.remarks, ...log.remarks])];
  const { path, pathHint } = WIRES[scenario];
  const input = { scenario, settings, tiers, remarks, path, pathHint };
  const run = summaryFromStats(statsOf(file, log), input, log.end?.interrupted ?? true);
  const machine = await readMachine(folder);
  const cause = isInvalidForLateness(run) ? latenessCause(lagSeconds(log), machine) : null;
  const redirects = run.verdict === "PASS" ? [] : redirectReasons(log.calls, file, run);
  const reasons = [...run.reasons, ...redirects, ...(cause === null ? [] : [cause])];
  return { file, log, run: { ...run, reasons }, machine, cause, redirects };
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

/** Sorts the turns by end of speech, or start of speech without one; turns that were never spoken come last. */
function sortedByEndOfSpeech(log: Log): Log {
  const atMs = ({ eosAtMs, speechStartAtMs }: TurnLine) => eosAtMs ?? speechStartAtMs ?? Number.MAX_SAFE_INTEGER;
  return { ...log, turns: [...log.turns].sort((a, b) => atMs(a) - atMs(b)) };
}

function statsOf({ settings, thresholds }: RunFile, { turns, calls, end }: Log): Stats {
  const stats = new StatsBuilder(requiredPercentiles(thresholds));
  const context = { warmupTurns: settings.WARMUP_TURNS, textLeadsAudio: settings.PIPELINE === "voicelive" };
  for (const { utterance: _, ...turn } of turns) {
    for (const sample of turnSamples({ ...turn, utterance: 0 }, context)) stats.add(sample);
  }
  for (const call of calls) for (const sample of callSamples(call)) stats.add(sample);
  if (end?.generatorLimit !== undefined)
    stats.add({ metric: "generator_limit", value: 1, tags: { kind: end.generatorLimit } });
  const logged = turns.length + calls.length;
  // k6 counts these two itself, so no record yields them.
  const k6Counters = { dropped_iterations: { count: end?.droppedIterations ?? 0 }, log_lines: { count: logged } };
  return { ...stats.build(), ...k6Counters };
}
