/**
 * Reads the log of a measured load: how late frames went out while the load was steady and at its end, apart, and how
 * many turns were late. The end is when callers leave: a few seconds, whose lateness should not stand for the whole.
 */

import { join } from "node:path";

import { percentile } from "../../lib/report/stats.ts";
import { type LagSecond, LagSeconds } from "../results/lag_seconds.ts";
import { readJsonLines } from "../results/lines.ts";
import type { TurnLine } from "../results/log_lines.ts";
import { scanLog } from "../results/scan_log.ts";

/** The send lag of a load, from the worst of each second of each call; null where there is no such second. */
export interface LoadLag {
  readonly steadyP50Ms: number | null;
  readonly steadyP99Ms: number | null;
  readonly steadyMaxMs: number | null;
  readonly endP99Ms: number | null;
}

/** The turns of a load after the ramp-up; a late turn is one that left the metrics because the generator was late. */
export interface LoadTurns {
  readonly all: number;
  readonly late: number;
  /** Those of the late turns that lasted until the end. */
  readonly lateAtEnd: number;
}

/** The instants that divide a load, epoch ms: steady from the settling time on, the end from when the time was up. */
export interface LoadPhases {
  readonly steadyFromMs: number;
  readonly timeUpAtMs: number;
}

/** Reads the log of k6 in a folder; the load was `timeSec` long. */
export async function readLoadLog(
  folder: string,
  { steadyFromMs, timeSec }: { readonly steadyFromMs: number; readonly timeSec: number },
): Promise<{ readonly lag: LoadLag; readonly turns: LoadTurns }> {
  const seconds: LagSecond[] = [];
  const turns: TurnLine[] = [];
  const dating = new LagSeconds((second) => seconds.push(second));
  await scanLog(folder, {
    turn(line, callIsOver) {
      turns.push(line);
      dating.turn(line, callIsOver);
    },
    call: (line) => dating.call(line),
  });
  dating.end();
  const timeUpAtMs = (await startOf(folder)) + timeSec * 1000;
  return { lag: loadLag(seconds, { steadyFromMs, timeUpAtMs }), turns: loadTurns(turns, timeUpAtMs) };
}

/** When the run line was written, just before the first caller started, epoch ms; NaN in a log without one. */
async function startOf(folder: string): Promise<number> {
  const run = (await readJsonLines(join(folder, "log.jsonl"))).find((line) => line?.type === "run");
  return Date.parse(String(run?.startedAt));
}

/** Sums up the lag. A second in which the time was up belongs to the end. */
export function loadLag(seconds: readonly LagSecond[], { steadyFromMs, timeUpAtMs }: LoadPhases): LoadLag {
  const ascending = (some: readonly LagSecond[]) => some.map(({ lagMs }) => lagMs).sort((a, b) => a - b);
  const steady = ascending(seconds.filter(({ atMs }) => atMs >= steadyFromMs && atMs + 1000 <= timeUpAtMs));
  const end = ascending(seconds.filter(({ atMs }) => atMs + 1000 > timeUpAtMs));
  const at = (lags: readonly number[], percent: number) => (lags.length === 0 ? null : percentile(lags, percent));
  return {
    steadyP50Ms: at(steady, 50),
    steadyP99Ms: at(steady, 99),
    steadyMaxMs: at(steady, 100),
    endP99Ms: at(end, 99),
  };
}

/** Counts the turns. */
export function loadTurns(turns: readonly TurnLine[], timeUpAtMs: number): LoadTurns {
  const counted = turns.filter(({ rampUpLagMs }) => rampUpLagMs.length === 0);
  const late = counted.filter(({ outcome }) => outcome === "generator_late");
  const lateAtEnd = late.filter((turn) => lastInstantOf(turn) > timeUpAtMs);
  return { all: counted.length, late: late.length, lateAtEnd: lateAtEnd.length };
}

/** The last instant that a turn is known to have lasted to, epoch ms. */
function lastInstantOf({ eosAtMs, firstAudioAtMs, speechStartAtMs, stopAtMs, turnMs }: TurnLine): number {
  const completeAtMs = (speechStartAtMs ?? 0) + (turnMs ?? 0);
  return Math.max(completeAtMs, eosAtMs ?? 0, firstAudioAtMs ?? 0, stopAtMs ?? 0);
}
