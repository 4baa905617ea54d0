/** Judges a soak by four slopes, the run's verdict, its unsent frames and the pace of its calls. */

import type { Proof } from "../proof/proof.ts";
import type { CallLine } from "../results/log_lines.ts";
import { formatNumber, markdownTable } from "./markdown.ts";
import { fitSlope, isWithinNoise, type Point, type Slope } from "./slope.ts";

/** The memory of the processes and the size of the log at an instant; part of results/soak.json. */
export interface Sample {
  readonly atMs: number;
  readonly k6Bytes: number;
  readonly simulatorBytes: number;
  readonly logBytes: number;
}

/** The measurements of a soak. */
export interface SoakRecord {
  readonly verdict: string;
  readonly users: number;
  /** The samples between the end of the settling time and the end of the load; epoch ms. */
  readonly samples: readonly Sample[];
  /** What k6's heap held after each collection in that time, in MB. */
  readonly liveMb: readonly Point[];
  readonly calls: readonly Pick<CallLine, "connectedAtMs" | "closedAtMs" | "framesDue" | "framesSent">[];
  readonly ttfbErrors: Proof["ttfbErrors"];
  /** The number of values that all Trends get per hour; k6 keeps each of them to the end, for the percentiles. */
  readonly valuesPerHour: number;
}

/** The slopes that are judged, with their names in tables and messages. */
export const SLOPES = {
  memory: "live memory of k6, MB",
  pace: "call behind the clock at its end, ms",
  error: "error of ttfb, ms",
  log: "log, bytes per call-second",
} as const;

/** The name of a slope. */
export type SlopeName = keyof typeof SLOPES;

const FRAME_MS = 20;
const BYTES_PER_MB = 1e6;

/** Live memory that k6 may take per value that it keeps: 8 bytes, in a list with spare capacity. */
const BYTES_PER_VALUE = 16;

/**
 * The largest difference, in ms, between the length of a call and its frames. Handshake, last frame and close take part
 * of it.
 */
const MAX_BEHIND_MS = 100;

/** The slopes of a soak. */
export function slopesOf(soak: SoakRecord): Readonly<Record<SlopeName, Slope>> {
  return {
    memory: fitSlope(soak.liveMb),
    pace: fitSlope(behindClock(soak)),
    error: fitSlope(soak.ttfbErrors.map(({ atMs, errorMs }) => ({ atMs, value: errorMs }))),
    log: fitSlope(logPoints(soak)),
  };
}

/** By how much the frames that each call sent are shorter than the call by the wall clock, in ms, at its end. */
function behindClock({ calls }: Pick<SoakRecord, "calls">): readonly Point[] {
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

/**
 * A sentence for each violation that a soak of any length can have: its verdict, due frames that were not sent, its
 * pace.
 */
export function violationsOf(soak: SoakRecord): readonly string[] {
  const violations: string[] = [];
  if (soak.verdict !== "PASS") violations.push(`verdict: expected PASS, got ${soak.verdict}`);
  const unsent = soak.calls.reduce((sum, { framesDue, framesSent }) => sum + framesDue - framesSent, 0);
  if (unsent !== 0) violations.push(`frames: expected as many sent as due, got ${unsent} fewer`);
  const behindMs = behindClock(soak).map(({ value }) => Math.abs(value));
  if (behindMs.length === 0) violations.push("calls: expected some, got none");
  const worstMs = Math.max(0, ...behindMs);
  if (worstMs > MAX_BEHIND_MS) {
    violations.push(`pace: expected every call within ${MAX_BEHIND_MS} ms of the clock, got ${worstMs.toFixed(0)}`);
  }
  return violations;
}

/** The growth per hour that is allowed beside noise, in the unit of each slope. */
function allowedGrowth({ valuesPerHour }: Pick<SoakRecord, "valuesPerHour">): Readonly<Record<SlopeName, number>> {
  return {
    memory: (valuesPerHour * BYTES_PER_VALUE) / BYTES_PER_MB,
    // A call may end at any point of a frame, so it is behind by up to one frame whatever its pace.
    pace: FRAME_MS,
    error: 0,
    log: 0,
  };
}

/** A sentence for each slope whose growth exceeds what is allowed by more than noise. */
export function excessGrowth(
  slopes: Readonly<Record<SlopeName, Slope>>,
  soak: Pick<SoakRecord, "valuesPerHour">,
): readonly string[] {
  const allowed = allowedGrowth(soak);
  return (Object.keys(SLOPES) as SlopeName[])
    .filter((name) => !isSteady(slopes[name], allowed[name]))
    .map((name) => {
      const most = allowed[name] > 0 ? `at most ${formatNumber(allowed[name])} per hour` : "none";
      return `${SLOPES[name]}: expected growth within noise of ${most}, got ${formatNumber(slopes[name].perHour, 3)} per hour`;
    });
}

/** True for a slope that falls or grows within what is allowed plus noise; false when it has no standard error. */
function isSteady(slope: Slope, allowedPerHour: number): boolean {
  if (slope.standardError === null) return false;
  return slope.perHour <= allowedPerHour || isWithinNoise({ ...slope, perHour: slope.perHour - allowedPerHour });
}

/** The slopes as a table in Markdown. */
export function slopesTable(slopes: Readonly<Record<string, Slope>>): string {
  const rows = Object.entries(slopes).map(([name, slope]) => [
    SLOPES[name as SlopeName] ?? name,
    String(slope.points),
    formatNumber(slope.mean, 2),
    formatNumber(slope.perHour, 3),
    formatNumber(slope.standardError, 3),
    isWithinNoise(slope) ? "yes" : "no",
  ]);
  return markdownTable(["slope", "points", "mean", "per hour", "standard error", "within noise"], rows);
}
