/** Tests the rows of a comparison, all at once: whether a difference is beyond noise. */

import { adjustedPs } from "../statistics/step_down.ts";
import { type Difference, differenceOf, probabilityOf } from "./differences.ts";
import type { Measure, Measures } from "./measures.ts";
import type { SampleSize } from "./rows.ts";
import { ROWS, type RowSpec } from "./series.ts";

/** With fewer calls, resamples of them are too much alike to show how calls vary. */
const MIN_CALLS = 6;

/**
 * With fewer values, not even the largest of them is above the 95th percentile with 95 % confidence (S. S. Wilks, Annals of
 * Mathematical Statistics 12 (1941), 91-96).
 */
const MIN_SAMPLES_OF_P95 = 59;

/** A row that the gate judges gets so many times the share of the allowed false alarms that another gets. */
const GATED_WEIGHT = 4;

/** A row with what was measured of it. */
export interface MeasuredRow {
  readonly row: RowSpec;
  readonly gated: boolean;
  /** Those of the bases that have values. */
  readonly bases: readonly Measure[];
  readonly run: Measure | undefined;
}

/** A row that was tested. */
export interface TestedRow extends MeasuredRow {
  readonly run: Measure;
  readonly difference: Difference;
  /** Adjusted for all tests of the same direction. */
  readonly pWorse: number;
  readonly pBetter: number;
  /** The p-value that would do for the row in any case: its share of the allowed false alarms, of 1. */
  readonly share: number;
}

/** The rows that have values somewhere; `isGated` says which ones the gate judges. */
export function measuredRows(
  bases: readonly Measures[],
  run: Measures,
  isGated: (row: RowSpec) => boolean,
): readonly MeasuredRow[] {
  return ROWS.map((row) => {
    const ofBases = bases.flatMap((base) => base.get(row.name) ?? []);
    return { row, gated: isGated(row), bases: ofBases, run: run.get(row.name) };
  }).filter((each) => each.bases.length > 0 || each.run !== undefined);
}

/** What a row needs before it can be tested; null where it has that. */
export function missingFor({ bases, row, run }: MeasuredRow): string | null {
  if (run === undefined) return "values in the run";
  if (bases.length === 0) return "values in the base";
  const smallest = smallestOf([...bases, run]);
  if (smallest.calls < MIN_CALLS) return `at least ${MIN_CALLS} calls with values in each run`;
  if (row.statistic === "p95" && smallest.samples < MIN_SAMPLES_OF_P95)
    return `at least ${MIN_SAMPLES_OF_P95} values in each run`;
  return null;
}

/** The fewest calls and the fewest samples of any of the measures. */
export function smallestOf(measures: readonly SampleSize[]): SampleSize {
  return {
    calls: Math.min(...measures.map(({ calls }) => calls)),
    samples: Math.min(...measures.map(({ samples }) => samples)),
  };
}

/** Tests the rows that have enough values. */
export function testRows(rows: readonly MeasuredRow[]): readonly TestedRow[] {
  const differing = rows.flatMap((each) => {
    const { bases, run } = each;
    return run === undefined || missingFor(each) !== null
      ? []
      : [{ ...each, run, difference: differenceOf(bases, run) }];
  });
  const weights = differing.map(({ gated }) => (gated ? GATED_WEIGHT : 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const pWorse = adjusted(differing, weights, 1);
  const pBetter = adjusted(differing, weights, -1);
  return differing.map((each, at) => ({
    ...each,
    pWorse: pWorse[at] ?? 1,
    pBetter: pBetter[at] ?? 1,
    share: (weights[at] ?? 1) / total,
  }));
}

/** The adjusted p-values of changes for the worse (1) or for the better (-1). */
function adjusted(
  rows: readonly { readonly row: RowSpec; readonly difference: Difference }[],
  weights: readonly number[],
  direction: 1 | -1,
): number[] {
  return adjustedPs(
    rows.map(({ difference, row }, at) => {
      const sign = row.worse === "higher" ? direction : (-direction as 1 | -1);
      return {
        p: probabilityOf(difference, sign),
        weight: weights[at] ?? 1,
        noise: difference.noise.map((value) => sign * value),
      };
    }),
  );
}
