/** The rows of the accuracy table: the errors of one run against the truth, and the bounds that they break. */

import { percentile } from "../../lib/report/stats.ts";
import type { Load } from "../e2e/load.ts";
import type { Proof } from "../proof/proof.ts";

/** The metrics whose errors are shown and have bounds. */
export const METRICS = ["ttfb", "barge", "turn"] as const;

/** Percentiles of the absolute errors of a metric, in ms; null where there are no errors. */
export interface ErrorRow {
  readonly count: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
}

/** One row of the table, which is one run; part of results/accuracy.json. */
export interface AccuracyRow {
  readonly wire: string;
  readonly delays: string;
  readonly callers: number;
  readonly turns: number;
  readonly errors: Readonly<Record<(typeof METRICS)[number], ErrorRow>>;
  readonly sendLagP99Ms: number | null;
  readonly lateTurns: number;
  /** Lateness of the simulator itself from its start to its end, P99 in ms; null where its truth file lacks it. */
  readonly simulatorP99Ms: number | null;
  /** Turns that are excluded from the errors, because the simulator itself was late around them. */
  readonly leftOut: number;
  /** Turns of the log without a partner in the truth, and the other way round. */
  readonly alone: number;
  readonly verdict: string;
}

/** The largest error, in ms, that a run may have whose verdict is not INVALID; a larger one is a bug. */
export const MAX_ERROR_MS = 40;

/** The largest P99 of the errors, in ms, up to a number of callers. */
export const P99_BOUNDS: readonly { readonly upToCallers: number; readonly boundMs: number }[] = [
  { upToCallers: 10, boundMs: 10 },
  { upToCallers: 100, boundMs: 25 },
];

/** The largest share of turns that may be excluded: with more, the others may not represent the run. */
const MAX_LEFT_OUT_SHARE = 0.1;

/** Makes the row of a run from the run, its proof and its load. */
export function accuracyRow(
  run: Pick<Load, "summary" | "truthLines"> & { readonly log: { readonly turns: readonly unknown[] } },
  proof: Pick<Proof, "simulatorLate" | "missingFromTruth" | "missingFromLog"> & {
    readonly errorsMs: Pick<Proof["errorsMs"], (typeof METRICS)[number]>;
  },
  load: Pick<AccuracyRow, "wire" | "delays" | "callers">,
): AccuracyRow {
  const health = run.truthLines.find(({ type }) => type === "health");
  const [ttfb, barge, turn] = METRICS.map((metric) => errorRow(proof.errorsMs[metric])) as [
    ErrorRow,
    ErrorRow,
    ErrorRow,
  ];
  return {
    ...load,
    turns: run.log.turns.length,
    errors: { ttfb, barge, turn },
    sendLagP99Ms: run.summary.generator.sendLagP99Ms,
    lateTurns: run.summary.generator.lateTurns,
    simulatorP99Ms: health === undefined ? null : Number(health.p99Ms),
    leftOut: proof.simulatorLate,
    alone: proof.missingFromTruth.length + proof.missingFromLog.length,
    verdict: run.summary.verdict,
  };
}

function errorRow(sorted: readonly number[]): ErrorRow {
  const at = (p: number) => (sorted.length > 0 ? percentile(sorted, p) : null);
  return { count: sorted.length, p50Ms: at(50), p99Ms: at(99), maxMs: at(100) };
}

/** A sentence for each bound that a row breaks; none for an INVALID run, which has rejected its own numbers. */
export function brokenBounds(row: AccuracyRow): readonly string[] {
  if (row.verdict === "INVALID") return [];
  const name = rowName(row);
  const broken: string[] = [];
  if (row.turns === 0) broken.push(`${name}: expected turns, got none`);
  if (row.alone > 0) broken.push(`${name}: expected every turn to have its partner, got ${row.alone} without`);
  if (row.leftOut > row.turns * MAX_LEFT_OUT_SHARE) {
    broken.push(
      `${name}: expected the simulator to be on time in most turns, got ${row.leftOut} of ${row.turns} left out`,
    );
  }
  const boundMs = P99_BOUNDS.find(({ upToCallers }) => row.callers <= upToCallers)?.boundMs;
  for (const metric of METRICS) {
    const { count, maxMs, p99Ms } = row.errors[metric];
    if (count === 0) broken.push(`${name}: expected errors of ${metric}, got none`);
    if (boundMs !== undefined && p99Ms !== null && p99Ms > boundMs) {
      broken.push(
        `${name}: expected a P99 of the error of ${metric} of at most ${boundMs} ms, got ${p99Ms.toFixed(1)}`,
      );
    }
    if (maxMs !== null && maxMs > MAX_ERROR_MS) {
      broken.push(
        `${name}: expected no error of ${metric} above ${MAX_ERROR_MS} ms in a ${row.verdict} run, got ${maxMs.toFixed(1)}`,
      );
    }
  }
  return broken;
}

/** The name of a row in sentences. */
export function rowName({ callers, delays, wire }: Pick<AccuracyRow, "wire" | "delays" | "callers">): string {
  return `${wire}, ${delays} delays, ${callers} callers`;
}
