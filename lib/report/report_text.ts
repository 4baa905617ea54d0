/** Formats a run's report as text: verdict, table of times, counts of events, rate limits, grades and the generator's health. */

import { GLOSSARY } from "../metrics/glossary.ts";
import { LATE_MS } from "../metrics/late.ts";
import { KINDS, METRIC_NAMES, type MetricName, seriesName, tagOf, tagValuesOf, turnTag } from "../metrics/metrics.ts";
import { TIERS, type Tier } from "../settings/thresholds.ts";
import { goText } from "./go_variables.ts";
import type { RunSummary } from "./run_summary.ts";
import { type Aggregates, countOf, hasEnoughSamples, hasSamples, type Stats } from "./stats.ts";
import { gradeOf } from "./summary_json.ts";

/** A row of the table of times; `fails` is null for a series whose failures have no Counter. */
type Row = readonly [name: string, aggregates: Aggregates, fails: number | null];

/** Widths of a column, in characters. */
const NAME_WIDTH = 24;
const CELL_WIDTH = 9;

/** The aggregates that the table of times shows. */
const COLUMNS = ["avg", "min", "p(50)", "p(95)", "max"] as const;

/** The Counter of a metric's failures, for metrics that have one. */
const FAILURE_COUNTERS: Partial<Record<MetricName, MetricName>> = {
  ttfb: "ttfb_fails",
  barge: "barge_fails",
  turn: "turn_fails",
  greeting: "greeting_fails",
};

/** Trends that are not in the table of times: they are printed with the generator's health and with the rate limits. */
const NOT_IN_TABLE: readonly MetricName[] = ["send_lag", "send_lag_ramp_up", "ttfb_clean", "ttfb_throttled"];

const TRENDS = METRIC_NAMES.filter((name) => KINDS[name] === "trend" && !NOT_IN_TABLE.includes(name));

/** Counters that are printed where they are above 0. */
const EVENT_COUNTERS: readonly MetricName[] = [
  "ws_close",
  "ws_error",
  "reconnects",
  "turn_error",
  "server_error",
  "odd_message",
  "unread_messages",
  "late_audio",
  "barge_skipped",
  "barge_timeout",
  "barge_unobserved",
  "end_inferred",
  "generator_late",
  "gave_up",
];

/** Returns the report as text, with a line break at its end; times are in ms. */
export function reportText(run: RunSummary): string {
  return [
    ...headLines(run),
    "",
    ...timesTable(run.stats),
    ...eventLines(run.stats),
    "",
    ...rateLimitLines(run.stats),
    "",
    ...gradeTable(run),
    "",
    generatorLine(run.stats),
    `collector  ${goText(run.go)}`,
    "",
  ].join("\n");
}

/** Verdict and reasons, remarks, the target and the load. */
function headLines(run: RunSummary): string[] {
  const { settings, stats } = run;
  const [first = "", ...others] = run.reasons;
  const load = settings.CALLS_PER_SEC > 0 ? `${settings.CALLS_PER_SEC} calls/s` : `${settings.USERS} callers`;
  return [
    `${run.verdict}  ${first}`,
    ...others.map((reason) => `      ${reason}`),
    ...run.remarks.map((remark) => `note  ${remark}`),
    "",
    `${run.scenario}  ${settings.PIPELINE}  ${run.url}`,
    `${load}  ${settings.TIME} s  ${countOf(stats, "calls")} calls  ${countOf(stats, "turns")} turns`,
  ];
}

function timesTable(stats: Stats): string[] {
  const rows = TRENDS.flatMap((metric) => trendRows(stats, metric));
  const head = ["Name".padEnd(NAME_WIDTH), ...["Count", "Avg", "Min", "P50", "P95", "Max", "Fails"].map(cell)].join("");
  const line = "-".repeat(head.length);
  return [head, line, ...rows.map(rowText), line];
}

/** The rows of one Trend: the metric itself, then its series by tag; only those with samples or failures. */
function trendRows(stats: Stats, metric: MetricName): Row[] {
  const { printed } = GLOSSARY[metric];
  const tag = tagOf(metric);
  const failCounter = FAILURE_COUNTERS[metric];
  const row = (series: string, name: string, failSeries: string | undefined): Row[] => {
    const aggregates = stats[series];
    const fails = failSeries === undefined ? null : countOf(stats, failSeries);
    if (!hasSamples(aggregates) && !fails) return [];
    return [[name, aggregates ?? {}, fails]];
  };
  // The stages of a turn have no sum: their common series is left out.
  const untagged = tag === "stage" ? [] : row(metric, printed, failCounter);
  const tagValues = tag === "turn" ? turnTags(stats, metric) : (tagValuesOf(metric) ?? []);
  const tagged = tagValues.flatMap((value) => {
    if (tag === undefined) return [];
    return row(
      seriesName(metric, tag, value),
      `${printed}/${value}`,
      failCounter && seriesName(failCounter, tag, value),
    );
  });
  return [...untagged, ...tagged];
}

/** The tags of the turns that have a series. */
function turnTags(stats: Stats, metric: MetricName): string[] {
  const tags: string[] = [];
  for (let turn = 1; stats[seriesName(metric, "turn", turnTag(turn))] !== undefined; turn += 1)
    tags.push(turnTag(turn));
  return tags;
}

function rowText([name, aggregates, fails]: Row): string {
  const numbers = COLUMNS.map((column) => {
    const value = aggregates[column];
    return cell(value === undefined || !hasEnoughSamples(column, aggregates) ? "-" : String(Math.round(value)));
  });
  const failed = fails === null ? "" : String(fails);
  return [name.padEnd(NAME_WIDTH), cell(String(aggregates.count ?? 0)), ...numbers, cell(failed)].join("").trimEnd();
}

function eventLines(stats: Stats): string[] {
  return EVENT_COUNTERS.flatMap((metric) => {
    const { printed } = GLOSSARY[metric];
    const tag = tagOf(metric);
    const series =
      tag === undefined
        ? [[printed, metric]]
        : (tagValuesOf(metric) ?? []).map((value) => [`${printed}/${value}`, seriesName(metric, tag, value)]);
    return series.flatMap(([name = "", key = ""]) => {
      const count = countOf(stats, key);
      return count > 0 ? [name.padEnd(NAME_WIDTH + 16) + String(count)] : [];
    });
  });
}

function rateLimitLines(stats: Stats): string[] {
  const line = "=".repeat(60);
  const rows = (tagValuesOf("rate_limit") ?? []).flatMap((source) => {
    const count = countOf(stats, seriesName("rate_limit", "source", source));
    const turns = countOf(stats, seriesName("throttled_turns", "source", source));
    return count > 0 ? [`  ${source.padEnd(20)}: ${String(count).padStart(5)} occurrences in ${turns} turns`] : [];
  });
  const shown = rows.length > 0 ? [...rows, ...throttledTtfbLines(stats)] : ["  none seen"];
  return [line, "RATE LIMIT SUMMARY", line, ...shown, line];
}

/** Percentiles of ttfb in turns without and with throttling. */
function throttledTtfbLines(stats: Stats): string[] {
  return (["ttfb_clean", "ttfb_throttled"] as const).flatMap((metric) => {
    const aggregates = stats[metric];
    if (aggregates === undefined || !hasSamples(aggregates)) return [];
    const [p50, p95] = (["p(50)", "p(95)"] as const).map((column) =>
      hasEnoughSamples(column, aggregates) ? `${Math.round(aggregates[column] ?? 0)} ms` : "-",
    );
    return [`  ${GLOSSARY[metric].printed.padEnd(20)}: P50 ${p50}, P95 ${p95}, ${aggregates.count} turns`];
  });
}

/** One row per gated series, one column per tier. */
function gradeTable(run: RunSummary): string[] {
  const series = [...new Set(TIERS.flatMap((tier) => Object.keys(run.tiers[tier])))];
  const head = [
    "Gate".padEnd(NAME_WIDTH),
    ...TIERS.map((tier) => (tier === run.settings.GATE ? `${tier} (gates)` : tier).padEnd(NAME_WIDTH)),
  ];
  const rows = series.map((name) => [name.padEnd(NAME_WIDTH), ...TIERS.map((tier) => gradeCell(run, tier, name))]);
  return [head, ...rows].map((cells) => cells.join("").trimEnd());
}

function gradeCell(run: RunSummary, tier: Tier, series: string): string {
  const expressions = run.tiers[tier][series];
  if (expressions === undefined) return "".padEnd(NAME_WIDTH);
  const word = { pass: "ok", fail: "FAIL", none: "no data" }[gradeOf(run.tiers, tier, series, run.stats)];
  return `${expressions.join(" ")} ${word}`.padEnd(NAME_WIDTH);
}

function generatorLine(stats: Stats): string {
  const lag = stats.send_lag;
  const p99 = lag !== undefined && hasEnoughSamples("p(99)", lag) ? lag["p(99)"] : lag?.max;
  const lagText = p99 === undefined || !hasSamples(lag) ? "-" : `${p99.toFixed(1)} ms`;
  const late = `${countOf(stats, "generator_late")} of ${countOf(stats, "turns")} turns late`;
  return `generator  send lag P99 ${lagText} (limit ${LATE_MS} ms)  ${late}  ${countOf(stats, "clock_step")} clock steps`;
}

function cell(text: string): string {
  return text.padStart(CELL_WIDTH);
}
