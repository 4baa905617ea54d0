/** Writes the text sections of `report.html`: gate, stages, numbers per turn, remarkable turns, settings. */

import type { RunSummary } from "../../lib/report/run_summary.ts";
import { countOf } from "../../lib/report/stats.ts";
import { shownSettings } from "../../lib/settings/masking.ts";
import { defaultText, SETTINGS, type SettingName } from "../../lib/settings/settings.ts";
import { TIERS } from "../../lib/settings/thresholds.ts";
import { WIRES } from "../../lib/wire/wires.ts";
import type { RunReport } from "../results/report_from_log.ts";
import type { StageBreakdown } from "../results/ttfb_stages.ts";
import { gateRows } from "./gate_rows.ts";
import { type Cell, escapeMarkup, htmlTable } from "./html_table.ts";
import { type Series, seriesOf, valueIfEnough } from "./series.ts";

const GRADES = { pass: "ok", fail: "FAIL", none: "no data" } as const;

/** Metrics that are tagged with the turn number. */
const BY_TURN = ["ttfb", "barge", "turn"] as const;

/** The table of measured values and the expressions of all three tiers. */
export function gateSection(run: RunSummary): string {
  const rows = gateRows(run);
  const series = [...new Set(rows.map(({ series: name }) => name))];
  const heads = TIERS.map((tier) => (tier === run.settings.GATE ? `${tier} (gates)` : tier));
  const cells = series.map((name): Cell[] => [
    name,
    rows.find((row) => row.series === name)?.measured ?? "",
    ...TIERS.map((tier): Cell => {
      const found = rows.filter((row) => row.series === name && row.tier === tier);
      const grade = found.some((row) => row.grade === "fail") ? "fail" : (found[0]?.grade ?? "none");
      return { cssClass: grade, text: found.map((row) => `${row.expression} ${GRADES[row.grade]}`).join(", ") };
    }),
  ]);
  return `<section><h2>Gate</h2>${htmlTable("The gate against its tiers", ["metric", "measured", ...heads], cells, false)}</section>`;
}

/** The mean time to first audio by stage, as bars. */
export function stagesSection({ file, run, shown }: RunReport): string {
  const breakdowns = shown.stages.breakdowns(WIRES[file.scenario].textLeadsAudio(run.settings.PIPELINE));
  if (breakdowns.length === 0)
    return "<section><h2>Where the time went</h2><p>No turn shows when the agent had understood the caller.</p></section>";
  const bars = breakdowns.map((breakdown) => stageBar(breakdown, Math.max(...breakdowns.map(totalMs))));
  return `<section><h2>Where the time went</h2>
<p class="note">Mean ttfb by stage, of turns that show when the agent had understood the caller.</p>${bars.join("")}</section>`;
}

function totalMs({ stages }: StageBreakdown): number {
  return stages.reduce((sum, { ms }) => sum + ms, 0);
}

function stageBar(breakdown: StageBreakdown, longestMs: number): string {
  const meanTtfbMs = totalMs(breakdown);
  const labels = breakdown.stages.map(({ name, ms }) => `${name} ${Math.round(ms)} ms`);
  const spans = breakdown.stages.map(({ ms }, index) => {
    const share = longestMs > 0 ? (100 * ms) / longestMs : 0;
    return `<span style="width:${share.toFixed(2)}%" title="${escapeMarkup(labels[index] ?? "")}">${escapeMarkup(labels[index] ?? "")}</span>`;
  });
  return `<h3>${escapeMarkup(breakdown.label)}: ${Math.round(meanTtfbMs)} ms (${breakdown.turns} turns)</h3>
<div class="bar" role="img" aria-label="${escapeMarkup(labels.join(", "))}">${spans.join("")}</div><p class="note">${escapeMarkup(labels.join(", "))}</p>`;
}

/** Tables of all series: times by turn number, and counters. */
export function turnsSection(run: RunSummary): string {
  const all = seriesOf(run.stats);
  const trends = all.filter(({ aggregates, metric }) => aggregates.max !== undefined && metric !== "send_lag");
  const counts = all.filter(
    ({ aggregates, key, metric }) =>
      aggregates.max === undefined && aggregates.passes === undefined && !key.includes("{turn:") && isShown(metric),
  );
  const rows = trends.map((series) => [series.printed, ...aggregateCells(series), failsOf(run, series)]);
  const counted = counts.map(({ aggregates, printed }) => [printed, String(aggregates.count)]);
  return `<section class="long"><h2>Turn by turn</h2>
<div class="wide" tabindex="0" role="region" aria-label="Times by turn number">${htmlTable(
    "Times in ms",
    ["ms", "count", "avg", "min", "P50", "P95", "P99", "max", "fails"],
    rows,
  )}</div>
<h3>Counted</h3>${htmlTable("What was counted", ["what", "times"], counted)}</section>`;
}

/** False for counters that only support a threshold and have no meaning of their own. */
function isShown(metric: string): boolean {
  return !/_fails$|^(log_lines|send_lag_seconds)$/.test(metric);
}

function aggregateCells({ aggregates }: Series): string[] {
  const values = ["avg", "min", "p(50)", "p(95)", "p(99)", "max"].map((name) => valueIfEnough(aggregates, name));
  return [String(aggregates.count ?? 0), ...values.map((value) => (value === null ? "-" : String(Math.round(value))))];
}

function failsOf({ stats }: RunSummary, { key, metric }: Series): string {
  if (!(BY_TURN as readonly string[]).includes(metric)) return "";
  return String(countOf(stats, key.replace(metric, `${metric}_fails`)));
}

/** A list of the failed turns, then the slowest ones: access to the charts' most important points without a mouse. */
export function remarkableTurns({ shown }: RunReport): string {
  const { failed, slowest, turns } = shown;
  const rows = [...failed, ...slowest].map((turn) => {
    const index = turns.indexOf(turn);
    const name = `turn ${String(turn.turn).padStart(2, "0")}`;
    const cells = [turn.outcome, turn.ttfbMs, turn.bargeMs, turn.faults.join(", "), turn.call];
    const texts = cells.map((cell) => `<td>${escapeMarkup(cellText(cell))}</td>`);
    return `<tr><th scope="row"><button type="button" data-turn="${index}" aria-label="Record of ${name} of ${escapeMarkup(turn.call)}">${name}</button></th>${texts.join("")}</tr>`;
  });
  if (rows.length === 0) return "";
  const heads = ["turn", "outcome", "ttfb ms", "barge ms", "faults", "session id"];
  return `<section class="long"><h2>Turns to look at</h2><p class="note">${failed.length} failed ones first, then the slowest.</p>
<div class="wide" tabindex="0" role="region" aria-label="Turns to look at"><table><thead><tr>${heads
    .map((name) => `<th scope="col">${name}</th>`)
    .join("")}</tr></thead><tbody>${rows.join("\n")}</tbody></table></div></section>`;
}

function cellText(cell: string | number | null): string {
  if (cell === null) return "-";
  return typeof cell === "number" ? String(Math.round(cell)) : cell;
}

/** The table of all settings; settings that differ from their defaults are highlighted. */
export function settingsSection({ run }: RunReport): string {
  return settingsOf(shownSettings(run.settings));
}

/** The table of these settings, by their names: values as `shownSettings` returns them. */
export function settingsOf(values: Readonly<Record<string, unknown>>): string {
  const order = Object.keys(SETTINGS);
  const names = Object.keys(values).sort((a, b) => order.indexOf(a) - order.indexOf(b));
  const rows = names.map((name): Cell[] => [name, settingText(name, values[name]), defaultCell(name, values[name])]);
  return `<section class="long"><h2>Settings</h2><div class="wide" tabindex="0" role="region" aria-label="Settings">${htmlTable("Settings", ["setting", "value", "default"], rows, false)}</div></section>`;
}

function settingText(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.join(",");
  if (typeof value === "object") return JSON.stringify(value);
  return name === "TIME" ? `${value}s` : String(value ?? "");
}

function defaultCell(name: string, value: unknown): Cell {
  if (!isSetting(name)) return "";
  const isUnchanged = JSON.stringify(value) === JSON.stringify(SETTINGS[name].defaultValue);
  return isUnchanged ? { cssClass: "none", text: "default" } : `default ${defaultText(name) || "empty"}`;
}

function isSetting(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}
