/** The rows of a comparison, as `compare.json` has them. Types only. */

import type { RowSpec } from "./series.ts";

/**
 * `slower`: a rise that is beyond noise and beyond the margin; of a share, a change for the worse. `faster`: the opposite. `same`: no
 * rise beyond the margin is left in the interval. `cannot_tell`: none of these.
 */
export type RowVerdict = "slower" | "faster" | "same" | "cannot_tell";

/** What is behind a value: calls that have values, and values. */
export interface SampleSize {
  readonly calls: number;
  readonly samples: number;
}

/** One row. Times are in ms; shares, and differences of shares, are of 1. */
export interface ComparedRow extends RowSpec {
  readonly unit: "ms" | "share";
  /** True where the gate of the run judges this statistic. */
  readonly gated: boolean;
  /** The mean of the bases, and the run; null without values. */
  readonly base: number | null;
  readonly run: number | null;
  /** The run minus the base. */
  readonly difference: number | null;
  /** The difference as a share of the base; null for shares and for a base of 0. */
  readonly relative: number | null;
  /** Where the true difference is with 90 % confidence; null where there is too little to say. */
  readonly interval: readonly [from: number, to: number] | null;
  /** The smallest rise that matters. */
  readonly margin: number;
  /** The p-values of a change for the worse and for the better, adjusted for all rows; null where there is too little to test. */
  readonly pWorse: number | null;
  readonly pBetter: number | null;
  /** The standard deviation of the value between runs, as far as the bases show one; null with one base. */
  readonly betweenRuns: number | null;
  /** Of the base with the fewest. */
  readonly baseSize: SampleSize;
  readonly runSize: SampleSize;
  readonly verdict: RowVerdict;
  /** What it would take to tell, where that cannot be told; else null. */
  readonly needs: string | null;
}
