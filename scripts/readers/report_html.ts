/**
 * `report.html`: one file that opens from disk without network. What is text stands in it as text, so that it can be
 * read without its script; the script draws the charts.
 */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

import { build } from "esbuild";

import { LATE_MS } from "../../lib/metrics/metrics.ts";
import { countOf } from "../../lib/report/stats.ts";
import { machineFacts, machineText } from "../results/machine_facts.ts";
import type { Reread } from "../results/report_from_log.ts";
import { gateSection, remarkableTurns, settingsSection, stagesSection, turnsSection } from "./html_sections.ts";
import { escaped, table } from "./html_table.ts";
import { pageData } from "./page_data.ts";

const PAGE_FOLDER = join(import.meta.dirname, "../page");

/** Nothing may be fetched, and nothing but what stands in the page may run. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

/** Writes the page. */
export async function reportHtml(reread: Reread): Promise<string> {
  const { file, run } = reread;
  const data = JSON.stringify(pageData(reread)).replaceAll("<", "\\u003c");
  const title = `${run.verdict}: ${run.scenario} ${file.startedAt.slice(0, 16).replace("T", " ")}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${escaped(title)}</title>
<style>${await style()}</style>
</head>
<body>
<header class="verdict ${run.verdict}">
<h1>${run.verdict}</h1>
<ul>${run.reasons.map((reason) => `<li>${escaped(reason)}</li>`).join("")}</ul>
${run.remarks.map((remark) => `<p class="note">Note: ${escaped(remark)}</p>`).join("\n")}
</header>
<main>
${facts(reread)}
${gateSection(run)}
<section><h2>Over the time of the run</h2>
<p class="note screen">Hover a point for its values, click it for the turn's record and session id. With the keyboard: Tab to a chart,
arrow keys from turn to turn, Enter for the record. Drag to zoom in. <button type="button" id="reset">Show the whole run</button></p>
<p class="note">A square is a turn that was ok, a cross one that failed; a wait without an answer stands at its deadline. A level is the
P95 of a slice of the run with at least 20 turns, the shade the calls that were up (scale on the right).</p>
${chart("ttfb", "Time to first audio (ttfb)", "Time to first audio of every turn")}
${chart("barge", "Barge-in: until the agent stopped", "Barge-in time of every interruption")}
${faults(reread)}
</section>
<section><h2>How the times are spread</h2><div class="pair">
<div><h3>ttfb, ms</h3><div class="chart" id="ttfb-spread"></div>${percentiles(reread, "ttfb")}</div>
<div><h3>barge-in, ms</h3><div class="chart" id="barge-spread"></div>${percentiles(reread, "barge")}</div>
</div></section>
${stagesSection(reread)}
${turnsSection(run)}
${remarkableTurns(reread)}
${stalls(reread)}
${generator(reread)}
${settingsSection(reread)}
</main>
<dialog id="record" aria-labelledby="record-title"><h2 id="record-title">Turn</h2>
<p>Session id, as the agent's logs have it: <code id="session"></code> <button type="button" id="copy">Copy</button></p>
<table><tbody></tbody></table><form method="dialog"><p><button>Close</button></p></form></dialog>
<script type="application/json" id="data">${data}</script>
<script>${await script()}</script>
</body>
</html>
`;
}

function facts({ file, run }: Reread): string {
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
  const items = rows.map(([name, value]) => `<div><dt>${name}</dt><dd>${escaped(value)}</dd></div>`);
  return `<dl class="facts">${items.join("")}</dl>`;
}

function chart(id: string, title: string, label: string): string {
  const heading = title === "" ? "" : `<h3>${title}</h3>`;
  return `${heading}<div class="chart" id="${id}" tabindex="0" role="application" aria-label="${label}. Arrow keys move from turn to turn, Enter shows the record."></div>`;
}

function faults({ log }: Reread): string {
  const some = log.turns.some(({ outcome, faults: seen }) => outcome !== "ok" || seen.length > 0);
  const calls = log.calls.some(({ outcome, faults: seen }) => outcome !== "ok" || seen.length > 0);
  const title = "Faults, throttling and failed turns";
  if (!some && !calls) return `<h3>${title}</h3><p>None was seen.</p>`;
  return chart("faults", title, title);
}

function percentiles({ run }: Reread, metric: string): string {
  const all = run.stats[metric];
  const shown = ["p(50)", "p(95)", "p(99)"].map((name) => {
    const percent = Number(name.slice(2, -1));
    const value = all?.[name];
    const carried = value !== undefined && (all?.count ?? 0) * (100 - percent) >= 100;
    return carried ? String(Math.round(value)) : "-";
  });
  return table(`Percentiles of ${metric} in ms`, ["count", "P50", "P95", "P99"], [[String(all?.count ?? 0), ...shown]]);
}

function stalls({ log }: Reread): string {
  const heard = log.turns.filter(({ stallMs }) => stallMs !== null);
  const dry = heard.filter(({ stallMs }) => (stallMs ?? 0) > 0);
  const words = `${dry.length} of ${heard.length} replies ran dry while they were played: a caller heard a gap.`;
  const body = dry.length === 0 ? "" : chart("stall", "", "How long replies ran dry");
  return `<section><h2>Stalls</h2><p>${words}</p>${body}</section>`;
}

function generator({ machine, run }: Reread): string {
  const { stats } = run;
  const ofMachine = machineFacts(machine);
  const lag = stats.send_lag;
  const rows = [
    ["send lag P50", `${lag?.["p(50)"]?.toFixed(1) ?? "-"} ms`],
    ["send lag P99", `${lag?.["p(99)"]?.toFixed(1) ?? "-"} ms (limit ${LATE_MS} ms)`],
    ["turns that left the metrics", `${countOf(stats, "generator_late")} of ${countOf(stats, "turns")}`],
    ["clock steps", String(countOf(stats, "clock_step"))],
    ["seconds of calls judged", String(countOf(stats, "send_lag_seconds"))],
    ...(ofMachine === null ? [] : [["machine, in cores used", machineText(ofMachine)]]),
  ];
  return `<section><h2>Was the generator fast enough</h2>
<p class="note">The worst lateness of a frame in each second of the run, over all calls.</p>
<div class="chart" id="lag" role="img" aria-label="Worst lateness of a frame in each second"></div>
${table("Health of the load generator", ["what", "value"], rows, false)}</section>`;
}

async function style(): Promise<string> {
  const plot = await readFile(createRequire(import.meta.url).resolve("uplot/dist/uPlot.min.css"), "utf8");
  return plot + (await readFile(join(PAGE_FOLDER, "page.css"), "utf8"));
}

/** The page's script with its chart library in it; `</script` in a string would end it early. */
async function script(): Promise<string> {
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
