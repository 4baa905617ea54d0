/**
 * Writes `report.html`: the report of a run as one file that opens from disk without network. All text is in the HTML
 * itself, so it can be read without the page's script (scripts/page/); the script draws the charts.
 */

import { join } from "node:path";

import { build } from "esbuild";

import { LATE_MS } from "../../lib/metrics/late.ts";
import { goText } from "../../lib/report/go_variables.ts";
import { countOf } from "../../lib/report/stats.ts";
import { machineFacts, machineText } from "../results/machine_facts.ts";
import type { RunReport } from "../results/report_from_log.ts";
import { htmlPage, PAGE_FOLDER } from "./html_page.ts";
import { gateSection, remarkableTurns, settingsSection, stagesSection, turnsSection } from "./html_sections.ts";
import { escapeMarkup, htmlTable } from "./html_table.ts";
import { pageData } from "./page_data.ts";
import { valueIfEnough } from "./series.ts";

/** Writes the page. */
export async function reportHtml(report: RunReport): Promise<string> {
  const { file, run } = report;
  const dataJson = JSON.stringify(pageData(report)).replaceAll("<", "\\u003c");
  const title = `${run.verdict}: ${run.scenario} ${file.startedAt.slice(0, 16).replace("T", " ")}`;
  return htmlPage(
    title,
    `<header class="verdict ${run.verdict}">
<h1>${run.verdict}</h1>
<ul>${run.reasons.map((reason) => `<li>${escapeMarkup(reason)}</li>`).join("")}</ul>
${run.remarks.map((remark) => `<p class="note">Note: ${escapeMarkup(remark)}</p>`).join("\n")}
</header>
<main>
${facts(report)}
${gateSection(run)}
<section><h2>Over the time of the run</h2>
<p class="note screen">Hover a point for its values, click it for the turn's record and session id. With the keyboard: Tab to a chart,
arrow keys from turn to turn, Enter for the record. Drag to zoom in. <button type="button" id="reset">Show the whole run</button></p>
<p class="note">A square is a turn that was ok, a cross one that failed; a wait without an answer stands at its deadline. A level is the
P95 of a slice of the run with at least 20 turns, the shade the calls that were up (scale on the right).${sampleNote(report)}</p>
${chart("ttfb", "Time to first audio (ttfb)", "Time to first audio of every turn")}
${chart("barge", "Barge-in: until the agent stopped", "Barge-in time of every interruption")}
${faults(report)}
</section>
<section><h2>Distribution of the times</h2><div class="pair">
<div><h3>ttfb, ms</h3><div class="chart" id="ttfb-spread"></div>${percentiles(report, "ttfb")}</div>
<div><h3>barge-in, ms</h3><div class="chart" id="barge-spread"></div>${percentiles(report, "barge")}</div>
</div></section>
${stagesSection(report)}
${turnsSection(run)}
${remarkableTurns(report)}
${stalls(report)}
${generator(report)}
${settingsSection(report)}
</main>
<dialog id="record" aria-labelledby="record-title"><h2 id="record-title">Turn</h2>
<p>Session id, as the agent's logs have it: <code id="session"></code> <button type="button" id="copy">Copy</button></p>
<table><tbody></tbody></table><form method="dialog"><p><button>Close</button></p></form></dialog>
<script type="application/json" id="data">${dataJson}</script>
<script>${await pageScript()}</script>`,
    { hasScript: true },
  );
}

/** Says that a page of a long run draws a part of its turns only. */
function sampleNote({ shown }: RunReport): string {
  if (shown.turns.length >= shown.turnCount) return "";
  return ` The charts draw ${shown.turns.length} of ${shown.turnCount} turns, taken at random; the tables count all of them.`;
}

function facts({ file, run }: RunReport): string {
  const { scenario, settings, stats, url } = run;
  const load = settings.CALLS_PER_SEC > 0 ? `${settings.CALLS_PER_SEC} calls/s` : `${settings.USERS} callers`;
  const rows: readonly (readonly [string, string])[] = [
    ["scenario", `${scenario}, ${settings.PIPELINE}`],
    ["agent", url],
    ["load", `${load}, ${settings.TIME} s`],
    ["made", `${countOf(stats, "calls")} calls, ${countOf(stats, "turns")} turns`],
    ["started", file.startedAt],
    ["versions", `k6-voice-agent ${file.version}, k6 ${file.k6}`],
  ];
  const items = rows.map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeMarkup(value)}</dd></div>`);
  return `<dl class="facts">${items.join("")}</dl>`;
}

function chart(id: string, title: string, label: string): string {
  const heading = title === "" ? "" : `<h3>${title}</h3>`;
  return `${heading}<div class="chart" id="${id}" tabindex="0" role="application" aria-label="${label}. Arrow keys move from turn to turn, Enter shows the record."></div>`;
}

function faults({ shown }: RunReport): string {
  const title = "Faults, throttling and failed turns";
  if (!shown.hasFaults) return `<h3>${title}</h3><p>None was seen.</p>`;
  return chart("faults", title, title);
}

function percentiles({ run }: RunReport, metric: string): string {
  const aggregates = run.stats[metric] ?? {};
  const cells = ["p(50)", "p(95)", "p(99)"].map((name) => {
    const value = valueIfEnough(aggregates, name);
    return value === null ? "-" : String(Math.round(value));
  });
  return htmlTable(
    `Percentiles of ${metric} in ms`,
    ["count", "P50", "P95", "P99"],
    [[String(aggregates.count ?? 0), ...cells]],
  );
}

function stalls({ shown: { replies, stalled } }: RunReport): string {
  const text = `${stalled} of ${replies} replies ran dry while they were played: a caller heard a gap.`;
  const body = stalled === 0 ? "" : chart("stall", "", "How long replies ran dry");
  return `<section><h2>Stalls</h2><p>${text}</p>${body}</section>`;
}

function generator({ machine, run }: RunReport): string {
  const { stats } = run;
  const machineUse = machineFacts(machine);
  const lag = stats.send_lag;
  const rows = [
    ["send lag P50", `${lag?.["p(50)"]?.toFixed(1) ?? "-"} ms`],
    ["send lag P99", `${lag?.["p(99)"]?.toFixed(1) ?? "-"} ms (limit ${LATE_MS} ms)`],
    ["turns that left the metrics", `${countOf(stats, "generator_late")} of ${countOf(stats, "turns")}`],
    ["clock steps", String(countOf(stats, "clock_step"))],
    ["seconds of calls judged", String(countOf(stats, "send_lag_seconds"))],
    ["garbage collector of k6", goText(run.go)],
    ...(machineUse === null ? [] : [["machine, in cores used", machineText(machineUse)]]),
  ];
  return `<section><h2>Was the generator fast enough</h2>
<p class="note">The worst lateness of a frame in each second of the run, over all calls.</p>
<div class="chart" id="lag" role="img" aria-label="Worst lateness of a frame in each second"></div>
${htmlTable("Health of the load generator", ["what", "value"], rows, false)}</section>`;
}

let bundled: Promise<string> | undefined;

/**
 * The page's script, bundled with the chart library once per process: a run does so before its first call, so that its report
 * needs no bundler. Rejects where esbuild does not run on this platform.
 */
export function pageScript(): Promise<string> {
  bundled ??= bundlePageScript();
  return bundled;
}

/** `</script` inside a string would end the element, so it is escaped. */
async function bundlePageScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(PAGE_FOLDER, "main.ts")],
    bundle: true,
    format: "iife",
    target: "es2022",
    minify: true,
    write: false,
    legalComments: "inline",
    logLevel: "warning",
  });
  return (outputFiles[0]?.text ?? "").replaceAll("</script", "<\\/script");
}
