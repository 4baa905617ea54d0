/** Writes `compare.html`: a comparison as a page that opens from disk without network, and needs no script. */

import { htmlPage } from "../readers/html_page.ts";
import { type Cell, escapeMarkup, htmlTable } from "../readers/html_table.ts";
import type { ComparedRun } from "./compared_run.ts";
import type { Comparison } from "./comparison.ts";
import { distributionChart, type Side } from "./ecdf.ts";
import { marginText } from "./margin.ts";
import { GATED_NOTE, ROW_HEADS, RUN_HEADS, rowCells, runCells } from "./table.ts";

/** The class of the page's head, and its words, by outcome. */
const HEADS = {
  same: ["PASS", "Same within noise"],
  slower: ["FAIL", "Slower"],
  cannot_tell: ["INVALID", "Cannot tell"],
  refused: ["INVALID", "Not compared"],
} as const;

/** The class of a row's verdict. */
const CLASSES = { slower: "fail", faster: "pass", same: "", cannot_tell: "none" } as const;

/** The series whose distributions are drawn. */
const DRAWN = ["ttfb", "barge", "turn"] as const;

/** Writes the page. */
export async function compareHtml(
  comparison: Comparison,
  bases: readonly ComparedRun[],
  run: ComparedRun,
): Promise<string> {
  const { headline, outcome, refusals, remarks } = comparison;
  const [cssClass, words] = HEADS[outcome];
  const reasons = refusals.length > 0 ? refusals : [headline];
  return htmlPage(
    `${words}: ${run.facts.run}`,
    `<header class="verdict ${cssClass}">
<h1>${words}</h1>
<ul>${reasons.map((reason) => `<li>${escapeMarkup(reason)}</li>`).join("")}</ul>
${remarks.map((remark) => `<p class="note">Note: ${escapeMarkup(remark)}</p>`).join("\n")}
</header>
<main>
${rowsSection(comparison)}
${outcome === "refused" ? "" : distributions(bases, run)}
<section><h2>Runs</h2>${wide("Runs", htmlTable("Runs", RUN_HEADS, runCells(comparison), false))}</section>
</main>`,
  );
}

function rowsSection({ margin, method, rows }: Comparison): string {
  if (rows.length === 0) return "";
  const cells = rows.map((row): Cell[] => {
    const texts = rowCells(row);
    return texts.map((text, at) => (at === texts.length - 1 ? { text, cssClass: CLASSES[row.verdict] } : text));
  });
  return `<section class="long"><h2>Base and run</h2>
<p class="note">A row is slower when its difference is beyond noise and beyond the margin (${escapeMarkup(marginText(margin))}). It is the same
when no rise beyond the margin is left in the interval, which holds the true difference with a probability of 90 %: whole
calls were drawn ${method.resamples} times. ${escapeMarkup(GATED_NOTE)}.</p>
${wide("Base and run", htmlTable("Base and run", ROW_HEADS, cells, ROW_HEADS.slice(1, -1)))}</section>`;
}

function distributions(bases: readonly ComparedRun[], run: ComparedRun): string {
  const name = bases.length === 1 ? "base" : `${bases.length} bases`;
  const sides: readonly Side[] = [
    { name, calls: bases.flatMap(({ calls }) => calls) },
    { name: "run", calls: run.calls },
  ];
  const charts = DRAWN.flatMap((series) => {
    const chart = distributionChart(series, sides);
    return chart === null ? [] : [`<h3>${series}</h3>${chart}`];
  });
  if (charts.length === 0) return "";
  return `<section><h2>Distributions</h2>
<p class="note">Which share of the values was at most so long. A line further to the right is slower.</p>
${charts.join("\n")}</section>`;
}

function wide(label: string, table: string): string {
  return `<div class="wide compared" tabindex="0" role="region" aria-label="${label}">${table}</div>`;
}
