/** Writes the outcome of a comparison in one line, for a terminal, a pull request and a page. */

import { holdsUp, type Outcome } from "./outcome.ts";
import { differenceText, intervalText, verdictText } from "./row_texts.ts";
import type { ComparedRow, RowVerdict } from "./rows.ts";

/** The line: `ttfb P95 +180 ms (+9 %), slower; 12 of 14 rows within noise`. */
export function headline(outcome: Outcome, rows: readonly ComparedRow[], refusals: readonly string[]): string {
  if (outcome === "refused") return `not compared: ${refusals[0]}`;
  const first = remarkableRow(outcome, rows);
  if (first === undefined) return "nothing was measured in any of the runs";
  const others = rows.filter((row) => row !== first);
  const more = (verdict: RowVerdict, text: string) => {
    const count = others.filter((row) => row.verdict === verdict).length;
    return count === 0 ? [] : [`${count}${first.verdict === verdict ? " more" : ""} ${text}`];
  };
  const same = rows.filter(({ verdict }) => verdict === "same").length;
  const interval = first.verdict === "cannot_tell" && first.interval !== null ? ` [${intervalText(first)}]` : "";
  const change = first.difference === null ? ": no values on one side" : ` ${differenceText(first)}${interval}`;
  return [
    `${first.name}${change}, ${verdictText(first)}`,
    ...more("slower", "slower"),
    ...more("faster", "faster"),
    `${same} of ${rows.length} rows within noise`,
    ...more("cannot_tell", "cannot tell"),
  ].join("; ");
}

/**
 * The row that tells most of the outcome: one that the gate judges before others, then one of a series that it judges, and the largest
 * change before smaller ones.
 */
function remarkableRow(outcome: Outcome, rows: readonly ComparedRow[]): ComparedRow | undefined {
  const size = ({ difference, margin }: ComparedRow) =>
    difference === null ? Number.POSITIVE_INFINITY : Math.abs(difference) / Math.max(margin, Number.EPSILON);
  const judged = new Set(rows.filter(({ gated }) => gated).map(({ series }) => series));
  const rank = ({ gated, series }: ComparedRow) => Number(gated) + Number(judged.has(series));
  const largest = (some: readonly ComparedRow[]) => [...some].sort((a, b) => rank(b) - rank(a) || size(b) - size(a))[0];
  if (outcome === "slower") return largest(rows.filter(({ verdict }) => verdict === "slower"));
  if (outcome === "cannot_tell") return largest(rows.filter(holdsUp));
  return largest(rows.filter(({ verdict }) => verdict === "faster")) ?? rows.find(({ gated }) => gated) ?? rows[0];
}
