/** What a soak is judged by: four slopes, the run's verdict, and frames against the clock. */

import type { Proof } from "../proof/proof.ts";
import type { CallLine } from "../results/results.ts";
import { shown, tableText } from "./markdown.ts";
import { isWithinNoise, type Point, type Slope, slopeOf } from "./slope.ts";

/** What was seen of the processes at an instant. */
export interface Sample {
  readonly atMs: number;
  readonly k6Bytes: number;
  readonly simulatorBytes: number;
  readonly logBytes: number;
}

/** What a soak left. */
export interface SoakRecord {
  readonly verdict: string;
  readonly users: number;
  /** While the load was level; epoch ms. */
  readonly samples: readonly Sample[];
  readonly calls: readonly Pick<CallLine, "connectedAtMs" | "closedAtMs" | "framesDue" | "framesSent">[];
  readonly ttfbErrors: Proof["ttfbErrors"];
  /** Values of all Trends in each hour: k6 keeps every one of them to the end, for its percentiles. */
  readonly valuesPerHour: number;
}

/** The four that are judged. */
export const SLOPES = {
  memory: "memory of k6, MB",
  pace: "call behind the clock at its end, ms",
  error: "error of ttfb, ms",
  log: "log, bytes per call-second",
} as const;

/** The name of a slope. */
export type SlopeName = keyof typeof SLOPES;

const FRAME_MS = 20;
const BYTES_PER_MB = 1e6;

/** What k6 may take for a value that it keeps: 8 bytes, in a list with room to grow, under a collector that leaves as much free. */
const BYTES_PER_VALUE = 24;

/** Opening, the last frame and hanging up take some of this; a call whose pace drifts soon takes more, in ms. */
const BEHIND_MS = 100;

/** The slopes of a soak. */
export function slopesOf(soak: SoakRecord): Readonly<Record<SlopeName, Slope>> {
  return {
    memory: slopeOf(soak.samples.map(({ atMs, k6Bytes }) => ({ atMs, value: k6Bytes / BYTES_PER_MB }))),
    pace: slopeOf(behind(soak)),
    error: slopeOf(soak.ttfbErrors.map(({ atMs, errorMs }) => ({ atMs, value: errorMs }))),
    log: slopeOf(logPoints(soak)),
  };
}

/** How far the frames that each call sent are behind its length by the wall clock, in ms, at its end. */
function behind({ calls }: Pick<SoakRecord, "calls">): readonly Point[] {
  return calls.flatMap(({ closedAtMs, connectedAtMs, framesSent }) =>
    connectedAtMs === null ? [] : [{ atMs: closedAtMs, value: closedAtMs - connectedAtMs - framesSent * FRAME_MS }],
  );
}

function logPoints({ samples, users }: Pick<SoakRecord, "samples" | "users">): readonly Point[] {
  return samples.slice(1).flatMap(({ atMs, logBytes }, at) => {
    const before = samples[at];
    if (before === undefined || atMs <= before.atMs) return [];
    const callSec = (users * (atMs - before.atMs)) / 1000;
    return [{ atMs, value: (logBytes - before.logBytes) / callSec }];
  });
}

/** Names what is wrong whatever the length of the soak: its verdict, frames that were due and not sent, and its pace. */
export function faultsOf(soak: SoakRecord): readonly string[] {
  const faults: string[] = [];
  if (soak.verdict !== "PASS") faults.push(`verdict: expected PASS, got ${soak.verdict}`);
  const unsent = soak.calls.reduce((sum, { framesDue, framesSent }) => sum + framesDue - framesSent, 0);
  if (unsent !== 0) faults.push(`frames: expected as many sent as due, got ${unsent} fewer`);
  const behindMs = behind(soak).map(({ value }) => Math.abs(value));
  if (behindMs.length === 0) faults.push("calls: expected some, got none");
  const worstMs = Math.max(0, ...behindMs);
  if (worstMs > BEHIND_MS) {
    faults.push(`pace: expected every call within ${BEHIND_MS} ms of the clock, got ${worstMs.toFixed(0)}`);
  }
  return faults;
}

/** What each may change by in an hour and still be steady, in its unit, beside noise. */
function allowances({ valuesPerHour }: Pick<SoakRecord, "valuesPerHour">): Readonly<Record<SlopeName, number>> {
  return {
    memory: (valuesPerHour * BYTES_PER_VALUE) / BYTES_PER_MB,
    // A call is behind by the part of a frame in which it was hung up: which part is no pace.
    pace: FRAME_MS,
    error: 0,
    log: 0,
  };
}

/** Names the slopes that grow by more than they may and than noise. */
export function growing(
  slopes: Readonly<Record<SlopeName, Slope>>,
  soak: Pick<SoakRecord, "valuesPerHour">,
): readonly string[] {
  const allowed = allowances(soak);
  return (Object.keys(SLOPES) as SlopeName[])
    .filter((name) => !isSteady(slopes[name], allowed[name]))
    .map((name) => {
      const most = allowed[name] > 0 ? `at most ${shown(allowed[name])} per hour` : "none";
      return `${SLOPES[name]}: expected growth within noise of ${most}, got ${shown(slopes[name].perHour, 3)} per hour`;
    });
}

/** What falls does not grow; a slope that nothing is known of is not steady. */
function isSteady(slope: Slope, allowedPerHour: number): boolean {
  if (slope.standardError === null) return false;
  return slope.perHour <= allowedPerHour || isWithinNoise({ ...slope, perHour: slope.perHour - allowedPerHour });
}

/** The slopes as a table. */
export function slopesTable(slopes: Readonly<Record<string, Slope>>): string {
  const rows = Object.entries(slopes).map(([name, slope]) => [
    SLOPES[name as SlopeName] ?? name,
    String(slope.points),
    shown(slope.mean, 2),
    shown(slope.perHour, 3),
    shown(slope.standardError, 3),
    isWithinNoise(slope) ? "yes" : "no",
  ]);
  return tableText(["slope", "points", "mean", "per hour", "standard error", "within noise"], rows);
}
