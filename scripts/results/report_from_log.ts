/**
 * Makes a run's report from `run.json` and `log.jsonl` alone, whether its k6 came to its end or was killed; where there
 * is a `machine.jsonl`, it says why frames were late.
 */

import { join } from "node:path";
import { callSamples, turnSamples } from "../../lib/metrics/samples.ts";
import { reportOfStats } from "../../lib/report/report.ts";
import { holds, type Stats, StatsBuilder } from "../../lib/report/stats.ts";
import type { Run } from "../../lib/report/summary.ts";
import type { Judgement } from "../../lib/report/verdict.ts";
import { percentilesOf, runThresholds } from "../../lib/settings/thresholds.ts";
import { WIRES } from "../../lib/wire/wires.ts";
import { lagSeconds } from "./lag_seconds.ts";
import { latenessCause } from "./lateness_cause.ts";
import type { MachineSample } from "./machine.ts";
import { type Log, type RunFile, readJsonLines, readLog, readRunFile, type TurnLine } from "./run_folder.ts";

/** A run that was read again: its files, and the report that they give. */
export interface Reread {
  readonly file: RunFile;
  /** Its turns are in the order of their ends of speech. */
  readonly log: Log;
  readonly run: Run;
  /** What the machine did meanwhile; empty where nobody looked. */
  readonly machine: readonly MachineSample[];
  /** Why frames were late, where that made the run INVALID and is known: the last of the run's reasons. */
  readonly cause: string | null;
}

/** Series of which one that does not hold says that the machine was late. */
const LATENESS = ["clock_step", "send_lag", "on_time"];

/** Reads a run's folder and judges it again; a log that lacks its last line is that of an interrupted run. */
export async function reportFromLog(folder: string): Promise<Reread> {
  const file = await readRunFile(folder);
  const log = inOrder(await readLog(folder));
  const { scenario, settings, thresholds: tiers } = file;
  const remarks = [...new Set([...file.remarks, ...log.remarks])];
  const { path, pathHint } = WIRES[scenario];
  const input = { scenario, settings, tiers, remarks, path, pathHint };
  const run = reportOfStats(statsOf(file, log), input, log.end?.interrupted ?? true);
  const machine = await readMachine(folder);
  const cause = isRefusedForLateness(run) ? latenessCause(lagSeconds(log), machine) : null;
  const reasons = cause === null ? run.reasons : [...run.reasons, cause];
  return { file, log, run: { ...run, reasons }, machine, cause };
}

/** A machine that sleeps may lose its last line; no report is worth less for that. */
async function readMachine(folder: string): Promise<MachineSample[]> {
  const lines = await readJsonLines(join(folder, "machine.jsonl")).catch(() => []);
  return lines.filter((line) => typeof line?.atMs === "number") as unknown as MachineSample[];
}

function isRefusedForLateness({ settings, stats, tiers, verdict }: Run): boolean {
  const thresholds = runThresholds(tiers, settings);
  const fails = LATENESS.some((series) =>
    (thresholds[series] ?? []).some((threshold) => {
      const expression = typeof threshold === "string" ? threshold : threshold.threshold;
      return holds(expression, stats[series]) === false;
    }),
  );
  return verdict === "INVALID" && fails;
}

/** The same of a run whose log is not whole: the verdict is k6's own, and what is missing comes first of what to know. */
export function asJudgedByK6(reread: Reread, { verdict, reasons }: Judgement, missing: string): Reread {
  const remarks = [`${missing}; the verdict is k6's own, the numbers here are of what the log holds`];
  return {
    ...reread,
    cause: null,
    run: { ...reread.run, verdict, reasons, remarks: [...remarks, ...reread.run.remarks] },
  };
}

/** The turns by their ends of speech, those that were never spoken last. */
function inOrder(log: Log): Log {
  const atMs = ({ eosAtMs, speechStartAtMs }: TurnLine) => eosAtMs ?? speechStartAtMs ?? Number.MAX_SAFE_INTEGER;
  return { ...log, turns: [...log.turns].sort((a, b) => atMs(a) - atMs(b)) };
}

function statsOf({ settings, thresholds }: RunFile, { turns, calls, end }: Log): Stats {
  const stats = new StatsBuilder(percentilesOf(thresholds));
  const context = { warmupTurns: settings.WARMUP_TURNS, textLeadsAudio: settings.PIPELINE === "voicelive" };
  for (const { utterance: _, ...turn } of turns) {
    for (const sample of turnSamples({ ...turn, utterance: 0 }, context)) stats.add(sample);
  }
  for (const call of calls) for (const sample of callSamples(call)) stats.add(sample);
  const logged = turns.length + calls.length;
  // k6 makes these two itself, so they come from no record.
  const ofK6 = { dropped_iterations: { count: end?.droppedIterations ?? 0 }, log_lines: { count: logged } };
  return { ...stats.build(), ...ofK6 };
}
