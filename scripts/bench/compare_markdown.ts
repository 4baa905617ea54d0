/** Formats what `make bench_compare` found as the generated part of docs/compare.md. */

import { replaceBetween } from "../run/marked_text.ts";
import type { CompareCost } from "./compare_costs.ts";
import type { Trial, TrialResult } from "./compare_trials.ts";
import { markdownTable } from "./markdown.ts";
import type { Origin } from "./origin.ts";

/** A trial and what came of it. */
export interface TrialRow {
  readonly trial: Trial;
  readonly result: TrialResult;
}

/** What the bench found. */
export interface CompareFile extends Origin {
  readonly rows: readonly TrialRow[];
  readonly costs: readonly CompareCost[];
}

const HEADS = [
  ...["agent of the run", "bases", "calls x turns", "comparisons"],
  ...["slower", "ttfb P95 slower", "faster", "same", "cannot tell"],
];

const INTRODUCTIONS: Readonly<Record<Trial["table"], string>> = {
  "false alarms": "**False alarms.** The same agent twice. Every `slower` and every `faster` is wrong.",
  missed: "**What is missed.** The agent of the run is slower, or fails more often. Everything but `slower` is a miss.",
  "between runs": `**Noise between runs.** The unsteady agent is faster or slower by some 10 % for a whole run. With one base this noise is not
known, and taken for a change of the agent.`,
};

/** The document with what was found between its markers. */
export function compareDocument(document: string, { command, costs, date, machine, rows }: CompareFile): string {
  const tables = Object.entries(INTRODUCTIONS).map(([table, introduction]) => {
    const cells = rows.filter(({ trial }) => trial.table === table).map(trialCells);
    return `${introduction}\n\n${markdownTable(HEADS, cells)}`;
  });
  const text = [`Measured ${date} with \`${command}\` on ${machine}.`, ...tables, costsText(costs)].join("\n\n");
  return replaceBetween(document, "<!-- bench:compare:begin -->", "<!-- bench:compare:end -->", `\n${text}\n`);
}

/** The cells of a trial: shares of its comparisons in percent. */
export function trialCells({ result, trial }: TrialRow): readonly string[] {
  const { bases, comparisons, load, name } = trial;
  const shares = [result.slower, result.ttfbP95Slower, result.faster, result.same, result.cannotTell];
  const percents = shares.map((share) => `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`);
  return [name, String(bases), `${load.calls} x ${load.turnsPerCall}`, String(comparisons), ...percents];
}

function costsText(costs: readonly CompareCost[]): string {
  const cells = costs.map(({ cpuSec, digestBytes, turns }) => {
    return [`2 x ${turns}`, `${cpuSec.toFixed(1)} s`, `${Math.round(digestBytes / 1000)} kB`];
  });
  const heads = ["turns compared", "CPU", "kept by `make baseline` for one run"];
  return `**Costs.** All rows of two runs, 2,000 resamples each, without reading their logs.\n\n${markdownTable(heads, cells)}`;
}
