/** The parts of the report page that are text: gate, stages, numbers turn by turn, turns to look at, settings. */

import { countOf } from "../../lib/report/stats.ts";
import type { Run } from "../../lib/report/summary.ts";
import { shownSettings } from "../../lib/settings/masking.ts";
import { defaultText, SETTINGS, type SettingName } from "../../lib/settings/settings.ts";
import { TIERS } from "../../lib/settings/thresholds.ts";
import type { Reread } from "../results/report_from_log.ts";
import { gateRows } from "./gate_rows.ts";
import { type Cell, escaped, table } from "./html_table.ts";
import { carried, type Series, seriesOf } from "./series.ts";
import { type Stages, stagesOf } from "./ttfb_stages.ts";

const GRADES = { pass: "ok", fail: "FAIL", none: "no data" } as const;

/** Metrics that have a row for each turn number. */
const BY_TURN = ["ttfb", "barge", "turn"] as const;

/** Turns that are listed to be looked at. */
const LISTED = 25;

/** What was measured against all three tiers. */
export function gateSection(run: Run): string {
  const rows = gateRows(run);
  const series = [...new Set(rows.map(({ series: name }) => name))];
  const heads = TIERS.map((tier) => (tier === run.settings.GATE ? `${tier} (gates)` : tier));
  const cells = series.map((name): Cell[] => [
    name,
    rows.find((row) => row.series === name)?.measured ?? "",
    ...TIERS.map((tier): Cell => {
      const found = rows.filter((row) => row.series === name && row.tier === tier);
      const grade = found.some((row) => row.grade === "fail") ? "fail" : (found[0]?.grade ?? "none");
      return { of: grade, text: found.map((row) => `${row.expression} ${GRADES[row.grade]}`).join(", ") };
    }),
  ]);
  return `<section><h2>Gate</h2>${table("The gate against its tiers", ["metric", "measured", ...heads], cells, false)}</section>`;
}

/** Where the time to the first audio went. */
export function stagesSection({ log, run }: Reread): string {
  const parts = stagesOf(log.turns, run.settings.PIPELINE === "voicelive");
  if (parts.length === 0)
    return "<section><h2>Where the time went</h2><p>No turn shows when the agent had understood the caller.</p></section>";
  const bars = parts.map((part) => stageBar(part, Math.max(...parts.map(totalMs))));
  return `<section><h2>Where the time went</h2>
<p class="note">Mean ttfb by stage, of turns that show when the agent had understood the caller.</p>${bars.join("")}</section>`;
}

function totalMs({ stages }: Stages): number {
  return stages.reduce((sum, { ms }) => sum + ms, 0);
}

function stageBar(part: Stages, longestMs: number): string {
  const totalOfMs = totalMs(part);
  const words = part.stages.map(({ name, ms }) => `${name} ${Math.round(ms)} ms`);
  const spans = part.stages.map(({ ms }, index) => {
    const share = longestMs > 0 ? (100 * ms) / longestMs : 0;
    return `<span style="width:${share.toFixed(2)}%" title="${escaped(words[index] ?? "")}">${escaped(words[index] ?? "")}</span>`;
  });
  return `<h3>${escaped(part.of)}: ${Math.round(totalOfMs)} ms (${part.turns} turns)</h3>
<div class="bar" role="img" aria-label="${escaped(words.join(", "))}">${spans.join("")}</div><p class="note">${escaped(words.join(", "))}</p>`;
}

/** Numbers of every series, and of each turn number. */
export function turnsSection(run: Run): string {
  const all = seriesOf(run.stats);
  const trends = all.filter(({ aggregates, metric }) => aggregates.max !== undefined && metric !== "send_lag");
  const counts = all.filter(
    ({ aggregates, key, metric }) =>
      aggregates.max === undefined && aggregates.passes === undefined && !key.includes("{turn:") && isTold(metric),
  );
  const rows = trends.map((series) => [series.printed, ...numbers(series), failsOf(run, series)]);
  const seen = counts.map(({ aggregates, printed }) => [printed, String(aggregates.count)]);
  return `<section class="long"><h2>Turn by turn</h2>
<div class="wide" tabindex="0" role="region" aria-label="Times by turn number">${table(
    "Times in ms",
    ["ms", "count", "avg", "min", "P50", "P95", "P99", "max", "fails"],
    rows,
  )}</div>
<h3>Counted</h3>${table("What was counted", ["what", "times"], seen)}</section>`;
}

/** Counters that only companion the gate say nothing to a reader. */
function isTold(metric: string): boolean {
  return !/_fails$|^(log_lines|send_lag_seconds)$/.test(metric);
}

function numbers({ aggregates }: Series): string[] {
  const values = ["avg", "min", "p(50)", "p(95)", "p(99)", "max"].map((name) => carried(aggregates, name));
  return [String(aggregates.count ?? 0), ...values.map((value) => (value === null ? "-" : String(Math.round(value))))];
}

function failsOf({ stats }: Run, { key, metric }: Series): string {
  if (!(BY_TURN as readonly string[]).includes(metric)) return "";
  return String(countOf(stats, key.replace(metric, `${metric}_fails`)));
}

/** The failed turns, then the slowest: the points of the charts that are worth a look, for those who use no mouse. */
export function remarkableTurns({ log }: Reread): string {
  const placed = log.turns.map((turn, index) => ({ turn, index }));
  const failed = placed.filter(({ turn }) => turn.outcome !== "ok").slice(0, LISTED);
  const slow = placed
    .filter(({ turn }) => turn.outcome === "ok" && turn.ttfbMs !== null)
    .sort((a, b) => (b.turn.ttfbMs ?? 0) - (a.turn.ttfbMs ?? 0))
    .slice(0, Math.max(5, LISTED - failed.length));
  const rows = [...failed, ...slow].map(({ turn, index }) => {
    const name = `turn ${String(turn.turn).padStart(2, "0")}`;
    const cells = [turn.outcome, turn.ttfbMs, turn.bargeMs, turn.faults.join(", "), turn.call];
    const texts = cells.map((cell) => `<td>${escaped(shown(cell))}</td>`);
    return `<tr><th scope="row"><button type="button" data-turn="${index}" aria-label="Record of ${name} of ${escaped(turn.call)}">${name}</button></th>${texts.join("")}</tr>`;
  });
  if (rows.length === 0) return "";
  const heads = ["turn", "outcome", "ttfb ms", "barge ms", "faults", "session id"];
  return `<section class="long"><h2>Turns to look at</h2><p class="note">${failed.length} failed ones first, then the slowest.</p>
<div class="wide" tabindex="0" role="region" aria-label="Turns to look at"><table><thead><tr>${heads
    .map((name) => `<th scope="col">${name}</th>`)
    .join("")}</tr></thead><tbody>${rows.join("\n")}</tbody></table></div></section>`;
}

function shown(cell: string | number | null): string {
  if (cell === null) return "-";
  return typeof cell === "number" ? String(Math.round(cell)) : cell;
}

/** Every setting, those that differ from their defaults marked. */
export function settingsSection({ run }: Reread): string {
  const values = shownSettings(run.settings);
  const rows = (Object.keys(SETTINGS) as SettingName[]).map((name): Cell[] => {
    const value = values[name];
    const text = Array.isArray(value)
      ? value.join(",")
      : typeof value === "object"
        ? JSON.stringify(value)
        : name === "TIME"
          ? `${value}s`
          : String(value ?? "");
    const same = isDefault(name, run);
    return [name, text, { of: same ? "none" : "", text: same ? "default" : `default ${defaultText(name) || "empty"}` }];
  });
  return `<section class="long"><h2>Settings</h2><div class="wide" tabindex="0" role="region" aria-label="Settings">${table("Settings", ["setting", "value", "default"], rows, false)}</div></section>`;
}

function isDefault(name: SettingName, { settings }: Run): boolean {
  return JSON.stringify(settings[name]) === JSON.stringify(SETTINGS[name].fallback);
}
