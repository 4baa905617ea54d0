/** The rows of the accuracy table: how far one run was from the truth, and whether that breaks a bound. */

import { percentile } from "../../lib/report/stats.ts";
import type { Load } from "../e2e/load.ts";
import type { Proof } from "../proof/proof.ts";

/** The metrics whose errors are looked at. */
export const JUDGED = ["ttfb", "barge", "turn"] as const;

/** How far a metric was from the truth; absolute errors in ms, null where there were none. */
export interface ErrorRow {
  readonly count: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
}

/** One run of the table. */
export interface AccuracyRow {
  readonly wire: string;
  readonly delays: string;
  readonly callers: number;
  readonly turns: number;
  readonly errors: Readonly<Record<(typeof JUDGED)[number], ErrorRow>>;
  readonly sendLagP99Ms: number | null;
  readonly lateTurns: number;
  /** How late the simulator itself was over its whole life, P99 in ms; null when it did not say. */
  readonly simulatorP99Ms: number | null;
  /** Turns left out of the errors, because the simulator itself was late around them. */
  readonly leftOut: number;
  /** Turns of one side without a partner on the other. */
  readonly alone: number;
  readonly verdict: string;
}

/** An error above this, in ms, in a run that calls itself valid is a bug. */
export const BUG_ABOVE_MS = 40;

/** The P99 that is promised up to a number of callers, in ms. */
export const P99_BOUNDS: readonly { readonly upToCallers: number; readonly boundMs: number }[] = [
  { upToCallers: 10, boundMs: 10 },
  { upToCallers: 100, boundMs: 25 },
];

/** What is left out says nothing of what is not; above this share of turns, the rest is a choice. */
const LEFT_OUT_SHARE = 0.1;

/** Makes a row of a run and its proof. */
export function rowOf(
  run: Pick<Load, "summary" | "truthLines"> & { readonly log: { readonly turns: readonly unknown[] } },
  proof: Pick<Proof, "errorsMs" | "simulatorLate" | "missing" | "untold">,
  what: Pick<AccuracyRow, "wire" | "delays" | "callers">,
): AccuracyRow {
  const health = run.truthLines.find(({ type }) => type === "health");
  const [ttfb, barge, turn] = JUDGED.map((metric) => errorRow(proof.errorsMs[metric])) as [
    ErrorRow,
    ErrorRow,
    ErrorRow,
  ];
  return {
    ...what,
    turns: run.log.turns.length,
    errors: { ttfb, barge, turn },
    sendLagP99Ms: run.summary.generator.sendLagP99Ms,
    lateTurns: run.summary.generator.lateTurns,
    simulatorP99Ms: health === undefined ? null : Number(health.p99Ms),
    leftOut: proof.simulatorLate,
    alone: proof.missing.length + proof.untold.length,
    verdict: run.summary.verdict,
  };
}

function errorRow(sorted: readonly number[]): ErrorRow {
  const at = (p: number) => (sorted.length > 0 ? percentile(sorted, p) : null);
  return { count: sorted.length, p50Ms: at(50), p99Ms: at(99), maxMs: at(100) };
}

/** Names each bound that a row breaks; a run that calls itself INVALID has refused its own numbers and breaks none. */
export function brokenBounds(row: AccuracyRow): readonly string[] {
  if (row.verdict === "INVALID") return [];
  const name = nameOf(row);
  const broken: string[] = [];
  if (row.turns === 0) broken.push(`${name}: expected turns, got none`);
  if (row.alone > 0) broken.push(`${name}: expected every turn to have its partner, got ${row.alone} without`);
  if (row.leftOut > row.turns * LEFT_OUT_SHARE) {
    broken.push(
      `${name}: expected the simulator to be on time in most turns, got ${row.leftOut} of ${row.turns} left out`,
    );
  }
  const boundMs = P99_BOUNDS.find(({ upToCallers }) => row.callers <= upToCallers)?.boundMs;
  for (const metric of JUDGED) {
    const { count, maxMs, p99Ms } = row.errors[metric];
    if (count === 0) broken.push(`${name}: expected errors of ${metric}, got none`);
    if (boundMs !== undefined && p99Ms !== null && p99Ms > boundMs) {
      broken.push(
        `${name}: expected a P99 of the error of ${metric} of at most ${boundMs} ms, got ${p99Ms.toFixed(1)}`,
      );
    }
    if (maxMs !== null && maxMs > BUG_ABOVE_MS) {
      broken.push(
        `${name}: expected no error of ${metric} above ${BUG_ABOVE_MS} ms in a ${row.verdict} run, got ${maxMs.toFixed(1)}`,
      );
    }
  }
  return broken;
}

/** A row's name in a sentence. */
export function nameOf({ callers, delays, wire }: Pick<AccuracyRow, "wire" | "delays" | "callers">): string {
  return `${wire}, ${delays} delays, ${callers} callers`;
}
