/** Makes a run's report from `run.json` and `log.jsonl` alone, as for a run whose k6 did not come to its end. */

import { reportOfStats } from "../lib/report.ts";
import { callSamples, turnSamples } from "../lib/samples.ts";
import { StatsBuilder } from "../lib/stats.ts";
import type { Run } from "../lib/summary.ts";
import { percentilesOf } from "../lib/thresholds.ts";
import { WIRES } from "../lib/wires.ts";
import { readLog, readRunFile } from "./results.ts";

/** Reads a run's folder and judges it again; `interrupted` when its k6 did not come to its end. */
export async function reportFromLog(folder: string, interrupted: boolean): Promise<Run> {
  const { scenario, settings, thresholds: tiers } = await readRunFile(folder);
  const { turns, calls } = await readLog(folder);
  const stats = new StatsBuilder(percentilesOf(tiers));
  const context = { warmupTurns: settings.WARMUP_TURNS, textLeadsAudio: settings.PIPELINE === "voicelive" };
  for (const { utterance: _, ...turn } of turns) {
    for (const sample of turnSamples({ ...turn, utterance: 0 }, context)) stats.add(sample);
  }
  for (const call of calls) for (const sample of callSamples(call)) stats.add(sample);
  const { path, pathHint } = WIRES[scenario];
  return reportOfStats(stats.build(), { scenario, settings, tiers, remarks: [], path, pathHint }, interrupted);
}
