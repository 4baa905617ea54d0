/** Judges the rows of a comparison: whether a difference is beyond noise and beyond the margin. */

import { meanOf } from "../statistics/random_effects.ts";
import { studentQuantile } from "../statistics/student_t.ts";
import { ALARM_LEVEL, BETWEEN_LEVEL, betweenSquared, halfWidthOf, LEVEL } from "./differences.ts";
import { type Margin, marginOf } from "./margin.ts";
import { type MeasuredRow, missingFor, smallestOf, type TestedRow, testRows } from "./row_tests.ts";
import type { ComparedRow, RowVerdict, SampleSize } from "./rows.ts";
import { isShare } from "./series.ts";

/** More than this many times the calls are not told as a number. */
const MAX_TIMES = 20;

const NOTHING: SampleSize = { calls: 0, samples: 0 };

/** Judges the rows. */
export function judgeRows(rows: readonly MeasuredRow[], margin: Margin): readonly ComparedRow[] {
  const tested = new Map(testRows(rows).map((each) => [each.row, each]));
  return rows.map((each) => {
    const facts = factsOf(each, margin);
    const test = tested.get(each.row);
    if (test === undefined) return { ...facts, ...UNTESTED, needs: missingFor(each) };
    return { ...facts, ...judged(test, facts) };
  });
}

/** What is there without a test. */
type Facts = Omit<ComparedRow, keyof Judged>;

/** What a test adds. */
type Judged = Pick<ComparedRow, "interval" | "pWorse" | "pBetter" | "betweenRuns" | "verdict" | "needs">;

const UNTESTED = { interval: null, pWorse: null, pBetter: null, betweenRuns: null, verdict: "cannot_tell" } as const;

function factsOf({ bases, gated, row, run }: MeasuredRow, margin: Margin): Facts {
  const unit = isShare(row.series) ? "share" : "ms";
  const base = bases.length === 0 ? null : meanOf(bases.map(({ value }) => value));
  const difference = base === null || run === undefined ? null : run.value - base;
  return {
    ...row,
    unit,
    gated,
    base,
    run: run?.value ?? null,
    difference,
    relative: unit === "share" || difference === null || !base ? null : difference / base,
    margin: marginOf(margin, base ?? 0, unit),
    baseSize: bases.length === 0 ? NOTHING : smallestOf(bases),
    runSize: run === undefined ? NOTHING : smallestOf([run]),
  };
}

function judged(test: TestedRow, { difference, margin }: Facts): Judged {
  const { estimate, bases, varianceBetween } = test.difference;
  const halfWidth = halfWidthOf(test.difference);
  const sign = test.row.worse === "higher" ? 1 : -1;
  const worse = sign * (difference ?? 0);
  const verdict = verdictOf(test, worse, sign * estimate + halfWidth, margin);
  return {
    interval: [estimate - halfWidth, estimate + halfWidth],
    pWorse: test.pWorse,
    pBetter: test.pBetter,
    betweenRuns: bases > 1 ? Math.sqrt(varianceBetween / (1 + 1 / bases)) : null,
    verdict,
    needs: verdict === "cannot_tell" ? needsOf(test, sign * estimate, margin) : null,
  };
}

/** `worse` is the difference for the worse, `worst` the end of the interval on that side. */
function verdictOf({ pBetter, pWorse }: TestedRow, worse: number, worst: number, margin: number): RowVerdict {
  if (pWorse <= ALARM_LEVEL && worse > 0 && worse >= margin) return "slower";
  if (pBetter <= ALARM_LEVEL && worse < 0 && -worse >= margin) return "faster";
  return worst <= margin ? "same" : "cannot_tell";
}

/**
 * How many times as many calls would tell, were the difference what it is now: so that a rise beyond the margin leaves the
 * interval, or so that the rise is beyond noise. The noise between runs stays, however long a run is.
 */
function needsOf({ difference, share }: TestedRow, worse: number, margin: number): string {
  const { bases, degreesOfFreedom, varianceBetween, varianceWithin } = difference;
  const isRise = worse >= margin;
  const distance = isRise ? worse : margin - worse;
  const quantile = studentQuantile(isRise ? ALARM_LEVEL * share : LEVEL, degreesOfFreedom);
  const room = distance ** 2 - betweenSquared(varianceBetween, bases, isRise ? BETWEEN_LEVEL : LEVEL);
  if (room <= 0 && varianceBetween > 0) return "more base runs";
  const times = (quantile ** 2 * varianceWithin) / room;
  if (!(times <= MAX_TIMES)) return `more than ${MAX_TIMES} times as many calls`;
  return `about ${times < 10 ? Math.max(1.1, times).toFixed(1) : Math.round(times)} times as many calls`;
}
