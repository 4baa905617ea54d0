/** Writes `capacity.html`: the answer of a search and its evidence, as a page that opens from disk and needs no script. */

import { htmlPage } from "../readers/html_page.ts";
import { settingsOf } from "../readers/html_sections.ts";
import { type Cell, escapeMarkup, htmlTable } from "../readers/html_table.ts";
import { capacityCharts } from "./capacity_charts.ts";
import type { CapacityResult, Check, Probe } from "./probe.ts";
import { probeColumns, stageNames } from "./probe_columns.ts";
import {
  brokenChecks,
  checkName,
  countsText,
  isOfAgent,
  loadNumber,
  loadText,
  loadUnit,
  measuredText,
  percentNumber,
  reportHref,
} from "./probe_text.ts";
import { type Decision, decisionOf } from "./search_decision.ts";

/** The classes of the page's head (`page.css`): green, red, amber. */
const TONES: Readonly<Record<Decision, string>> = { yes: "PASS", no: "FAIL", open: "INVALID" };

/** Writes the page. */
export async function capacityHtml(result: CapacityResult): Promise<string> {
  const { answer, explanations, of, probes, scenario, sentence, settings } = result;
  const startedAt = probes[0]?.startedAt.slice(0, 16).replace("T", " ") ?? "";
  const known = answer === null ? "no answer" : loadText(answer, of);
  const items = explanations.map((text) => `<li>${escapeMarkup(text)}</li>`).join("");
  return htmlPage(
    `Capacity: ${known}, ${scenario} ${startedAt}`.trim(),
    `<header class="verdict ${TONES[decisionOf(result)]}">
<h1 class="sentence">${escapeMarkup(sentence)}</h1>
${items === "" ? "" : `<ul>${items}</ul>`}
</header>
<main>
${facts(result)}
${probes.length === 0 ? "<section><h2>Runs</h2><p>No run was made.</p></section>" : evidence(result)}
${settingsOf(settings)}
</main>`,
  );
}

function facts(result: CapacityResult): string {
  const { answer, budgetSec, gate, isConfirmed, maxLoad, of, probes, scenario, url, version, wanted } = result;
  const tookSec = probes.reduce((sum, probe) => sum + probe.tookSec, 0);
  const rows: readonly (readonly [string, string])[] = [
    ["scenario", scenario],
    ["agent", url],
    ["gate", gate],
    ["searched", `up to ${loadText(maxLoad, of)}`],
    ["wanted", wanted === null ? "as many as it carries" : loadText(wanted, of)],
    ...(answer === null || answer === 0
      ? []
      : [["answer", isConfirmed ? "confirmed by a longer run" : "not confirmed by a longer run"] as const]),
    ["runs", `${probes.length}, in ${timeText(tookSec)} of ${timeText(budgetSec)}`],
    ["started", probes[0]?.startedAt ?? "-"],
    ["version", `k6-voice-agent ${version}`],
  ];
  const items = rows.map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeMarkup(value)}</dd></div>`);
  return `<dl class="facts">${items.join("")}</dl>`;
}

function timeText(sec: number): string {
  return sec < 100 ? `${Math.round(sec)} s` : `${Math.round(sec / 60)} min`;
}

function evidence(result: CapacityResult): string {
  return [curves(result), runs(result), broken(result), failures(result), reasons(result)].join("\n");
}

function curves(result: CapacityResult): string {
  const charts = capacityCharts(result);
  const title = `<h2>By ${result.of === "users" ? "number of callers" : "calls per second"}</h2>`;
  if (charts === "") return `<section>${title}<p>No run measured anything of the agent.</p></section>`;
  return `<section>${title}
<p class="note">Each mark is a run: a dot held, a cross broke a target, a ring was uncertain.${omitted(result)} Click a mark for the
report of its run, or reach it with Tab. Where several runs have the same load, the line goes through the last one.</p>
${charts}</section>`;
}

/** Says which runs have no mark. */
function omitted({ of, probes }: CapacityResult): string {
  const without = (outcome: Probe["outcome"], why: string) => {
    const loads = new Set(probes.filter((probe) => probe.outcome === outcome).map(({ load }) => loadText(load, of)));
    return loads.size === 0 ? "" : ` Not drawn, as ${why}: ${[...loads].join(", ")}.`;
  };
  return `${without("generator", "the generator was too slow")}${without("interrupted", "the run was interrupted")}`;
}

function runs(result: CapacityResult): string {
  const { probes } = result;
  const columns = probeColumns(result);
  const stages = stageNames(result);
  const table = htmlTable(
    "Runs of the search",
    columns.map(({ head }) => head),
    probes.map((probe) => columns.map(({ cell }) => cell(probe))),
    columns.filter(({ isNumber }) => isNumber).map(({ head }) => head),
  );
  const has = (outcome: Probe["outcome"]) => probes.some((probe) => probe.outcome === outcome);
  const notes = [
    "A load leads to the report of its run. A dash stands where too little was measured for a number.",
    ...(stages.length === 0 ? [] : [`Mean ttfb by stage: ${escapeMarkup(stages.join(", "))}.`]),
    ...(has("uncertain") ? ["An uncertain value is so near to its target that more turns could turn it."] : []),
    ...(has("interrupted") ? ["An interrupted run has what was measured until then."] : []),
    ...(has("generator")
      ? ["A run whose generator was too slow has no numbers here: they would be its own, not the agent's."]
      : []),
    ...(probes.some(({ pooledWith }) => pooledWith.length > 0)
      ? ["(2 runs): the samples of an earlier run of the same load are in the numbers, except in the turns."]
      : []),
  ];
  return `<section class="long"><h2>Runs</h2><p class="note">${notes.join(" ")}</p>${wide("Runs of the search", table)}</section>`;
}

function broken({ of, probes }: CapacityResult): string {
  const rows = probes.flatMap((probe) => brokenChecks(probe).map((check) => brokenRow(probe, check)));
  const title = "Targets that did not hold";
  if (rows.length === 0) return "";
  const heads = [loadUnit(of), "measured of", "measured", "target", "beyond the limit", "allowed", "samples", "result"];
  return `<section class="long"><h2>${title}</h2>
<p class="note">Beyond the limit: the share of samples, and its confidence bounds (95 % each). A target breaks when the lower bound is
above what is allowed, and is uncertain while that is between the bounds.</p>
${wide(title, htmlTable(title, heads, rows, ["measured", "beyond the limit", "allowed", "samples"]))}</section>`;
}

function brokenRow(probe: Probe, check: Check): Cell[] {
  const { expression, outcome, samples, share } = check;
  const beyond =
    share?.measured == null
      ? "-"
      : `${percentNumber(share.measured)} % (${percentNumber(share.lower)} to ${percentNumber(share.upper)} %)`;
  return [
    { text: loadNumber(probe.load), href: reportHref(probe) },
    checkName(check),
    measuredText(check),
    expression,
    beyond,
    share === null ? "-" : `${Number((100 * share.allowed).toPrecision(6))} %`,
    String(samples),
    { text: outcome, cssClass: outcome === "breaks" ? "fail" : "none" },
  ];
}

function failures({ of, probes }: CapacityResult): string {
  const title = "Failed calls and turns";
  const rows = probes.filter(isOfAgent).flatMap((probe) => {
    const counts = [probe.failedCalls, probe.failedTurns, probe.throttled].map(countsText);
    return counts.every((text) => text === "-") ? [] : [[loadNumber(probe.load), probe.purpose, ...counts]];
  });
  const heads = [loadUnit(of), "purpose", "failed calls", "failed turns", "throttled by"];
  const body = rows.length === 0 ? "<p>None was seen.</p>" : wide(title, htmlTable(title, heads, rows, false));
  return `<section class="long"><h2>${title}</h2>${body}</section>`;
}

function reasons({ of, probes }: CapacityResult): string {
  const items = probes.flatMap((probe) =>
    probe.reasons.map((reason) => `<li>${escapeMarkup(`${loadText(probe.load, of)}: ${reason}`)}</li>`),
  );
  return items.length === 0
    ? ""
    : `<section><h2>What the runs say of themselves</h2><ul>${items.join("")}</ul></section>`;
}

function wide(label: string, table: string): string {
  return `<div class="wide whole" tabindex="0" role="region" aria-label="${label}">${table}</div>`;
}
