/** The tables of a comparison, as text: one row for each thing that is compared, and one for each run. */

import { generatorText } from "./comparability.ts";
import type { Comparison } from "./comparison.ts";
import { differenceText, intervalText, marginCell, valueText, verdictWithNeeds } from "./row_texts.ts";
import type { ComparedRow } from "./rows.ts";

/** The heads of the table of rows. */
export const ROW_HEADS = ["row", "base", "run", "difference", "90 % interval", "margin", "verdict"] as const;

/** The cells of a row; the name of one that the gate judges has a star. */
export function rowCells(row: ComparedRow): readonly string[] {
  const { base, gated, name, run, unit } = row;
  return [
    gated ? `${name} *` : name,
    valueText(base, unit),
    valueText(run, unit),
    differenceText(row),
    intervalText(row),
    marginCell(row),
    verdictWithNeeds(row),
  ];
}

/** What the star means. */
export const GATED_NOTE = "* judged by the gate of the run";

/** The heads of the table of runs. */
export const RUN_HEADS = ["side", "run", "verdict", "calls", "turns compared", "load generator", "versions"] as const;

/** The cells of each run, the bases first. */
export function runCells({ bases, run }: Comparison): readonly (readonly string[])[] {
  const cells = (role: string, facts: Comparison["run"]) => [
    role,
    facts.path,
    facts.verdict,
    String(facts.calls),
    String(facts.comparedTurns),
    generatorText(facts),
    `k6-voice-agent ${facts.version}, k6 ${facts.k6}`,
  ];
  return [...bases.map((facts) => cells("base", facts)), cells("run", run)];
}
