/** Compares a run with one or several bases: what is in `compare.json`. */

import { VERSION } from "../../lib/report/version.ts";
import { comparability } from "./comparability.ts";
import type { ComparedRun, RunFacts, RunOfFolder } from "./compared_run.ts";
import { headline } from "./headline.ts";
import type { Margin } from "./margin.ts";
import { type Measures, measureRun } from "./measures.ts";
import { COMPARE_EXITS, isGated, type Outcome, outcomeOf } from "./outcome.ts";
import { measuredRows } from "./row_tests.ts";
import { judgeRows } from "./row_verdicts.ts";
import type { ComparedRow } from "./rows.ts";

/** The version of the format of `compare.json`: it rises when a field is removed or changes its meaning. */
export const COMPARE_FORMAT = 1;

/** How often the calls of each run are drawn, and from which seed; each run has its own draws. */
const RESAMPLES = 2000;
const SEED = 1;

/** The content of `compare.json`. */
export interface Comparison {
  readonly format: typeof COMPARE_FORMAT;
  /** The version of this tool that compared. */
  readonly version: string;
  readonly outcome: Outcome;
  readonly exitCode: number;
  /** The outcome in one line. */
  readonly headline: string;
  readonly margin: Margin;
  readonly method: { readonly resamples: number; readonly seed: number };
  readonly bases: readonly (RunFacts & { readonly path: string })[];
  readonly run: RunFacts & { readonly path: string };
  /** Why the runs were not compared; empty where they were. */
  readonly refusals: readonly string[];
  /** What to know before the numbers. */
  readonly remarks: readonly string[];
  /** Empty where the runs were not compared. */
  readonly rows: readonly ComparedRow[];
}

/** Compares. `bases` has at least one run. */
export function compareRuns(bases: readonly ComparedRun[], run: RunOfFolder, margin: Margin): Comparison {
  const { refusals, remarks } = comparability(bases, run);
  const rows = refusals.length > 0 ? [] : comparedRows(bases, run, margin);
  const outcome = refusals.length > 0 ? "refused" : outcomeOf(rows);
  return {
    format: COMPARE_FORMAT,
    version: VERSION,
    outcome,
    exitCode: COMPARE_EXITS[outcome].code,
    headline: headline(outcome, rows, refusals),
    margin,
    method: { resamples: RESAMPLES, seed: SEED },
    bases: bases.map(({ facts, path }) => ({ path, ...facts })),
    run: { path: run.path, ...run.facts },
    refusals,
    remarks,
    rows,
  };
}

/** Compares the values of runs, whatever else is known of them. */
export function comparedRows(
  bases: readonly Pick<ComparedRun, "calls">[],
  run: Pick<RunOfFolder, "calls" | "gate">,
  margin: Margin,
): readonly ComparedRow[] {
  const [ofRun, ...ofBases] = [run, ...bases].map(({ calls }, index) =>
    measureRun(calls, { resamples: RESAMPLES, seed: SEED + index }),
  ) as [Measures, ...Measures[]];
  return judgeRows(
    measuredRows(ofBases, ofRun, (row) => isGated(row, run.gate)),
    margin,
  );
}
