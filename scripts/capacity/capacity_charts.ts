/** Draws what the probes of a search measured over their loads, with the targets of the gate. */

import { parseExpression } from "../../lib/settings/thresholds.ts";
import { type ChartLine, type ChartPoint, lineChart } from "../readers/svg_chart.ts";
import type { CapacityResult, Probe, ProbeValues } from "./probe.ts";
import {
  brokenChecks,
  checkText,
  isOfAgent,
  loadText,
  loadUnit,
  msNumber,
  outcomeText,
  percentNumber,
  reportHref,
} from "./probe_text.ts";

/** One line of a chart: a value of the probes. */
interface LineSpec {
  readonly name: string;
  readonly value: (values: ProbeValues) => number | null;
}

/** One chart. */
interface ChartSpec {
  readonly title: string;
  readonly unit: "ms" | "%";
  /** The marks of the first line lead to the runs. */
  readonly lines: readonly LineSpec[];
  /** The series whose limits are drawn, and their aggregates: a limit on another aggregate is on no line. */
  readonly series: string;
  readonly aggregates: readonly string[];
}

const CHARTS: readonly ChartSpec[] = [
  {
    title: "Time to first audio (ttfb)",
    unit: "ms",
    lines: [
      { name: "P95", value: ({ ttfbP95Ms }) => ttfbP95Ms },
      { name: "P50", value: ({ ttfbP50Ms }) => ttfbP50Ms },
    ],
    series: "ttfb",
    aggregates: ["p(95)", "p(50)", "med"],
  },
  {
    title: "Barge-in: until the agent stopped",
    unit: "ms",
    lines: [{ name: "P95", value: ({ bargeP95Ms }) => bargeP95Ms }],
    series: "barge",
    aggregates: ["p(95)"],
  },
  {
    title: "Turn success and throttling",
    unit: "%",
    lines: [
      { name: "turns that were ok", value: ({ turnSuccess }) => percent(turnSuccess) },
      { name: "throttled turns and calls per turn", value: ({ throttledShare }) => percent(throttledShare) },
    ],
    series: "turn_success",
    aggregates: ["rate"],
  },
];

/** A time axis ends at this many times the highest limit: a wait until the deadline would leave no height to the rest. */
const LIMITS_HIGH = 3;

/** Draws the charts as markup; empty where no probe measured anything of the agent. */
export function capacityCharts(result: CapacityResult): string {
  const probes = result.probes.filter(isOfAgent).sort((a, b) => a.load - b.load);
  if (!probes.some(({ values }) => Object.values(values).some((value) => value !== null))) return "";
  return CHARTS.map((spec) => `<h3>${spec.title}</h3>\n${chart(spec, probes, result)}`).join("\n");
}

function chart(spec: ChartSpec, probes: readonly Probe[], result: CapacityResult): string {
  const lines = spec.lines.map((line, index) => chartLine(line, index === 0, spec, probes, result.of));
  if (lines.every(({ points }) => points.length === 0)) return "<p>No data.</p>";
  const limits = limitsOf(spec, probes, result.gate);
  const yMax = spec.unit === "%" ? 100 : cutAt(lines, limits);
  const vertical = verticalOf(result);
  const svg = lineChart({
    title: `${spec.title}, ${spec.unit}, by ${loadUnit(result.of)}`,
    xLabel: loadUnit(result.of),
    yLabel: spec.unit,
    lines,
    limits,
    xMax: Math.max(...probes.map(({ load }) => load)),
    ...(vertical !== null && { vertical }),
    ...(yMax !== null && { yMax }),
  });
  return `<div class="plot">${svg}</div>`;
}

/** `probes` ascend by load. The line goes through the last probe of each load, which has the samples of those it was pooled with. */
function chartLine(
  { name, value }: LineSpec,
  isLinked: boolean,
  { unit }: ChartSpec,
  probes: readonly Probe[],
  of: CapacityResult["of"],
): ChartLine {
  const measured = probes.flatMap((probe) => {
    const y = value(probe.values);
    return y === null ? [] : [{ probe, y }];
  });
  const points = measured.map(({ probe, y }, index): ChartPoint => {
    const content = unit === "ms" ? msNumber(y) : percentNumber(y / 100);
    return {
      x: probe.load,
      y,
      label: `${loadText(probe.load, of)}, ${probe.purpose}: ${outcomeText(probe)}; ${name} ${content} ${unit}${brokenText(probe)}`,
      isOffLine: measured[index + 1]?.probe.load === probe.load,
      isFailed: probe.outcome === "breaks",
      isUncertain: probe.outcome === "uncertain",
      ...(isLinked && { href: reportHref(probe) }),
    };
  });
  return { name, points };
}

function brokenText(probe: Probe): string {
  return brokenChecks(probe)
    .map((check) => `; ${checkText(check)}`)
    .join("");
}

/** Each limit once: all probes have the same gate. */
function limitsOf({ aggregates, series, unit }: ChartSpec, probes: readonly Probe[], gate: string) {
  const checks = probes.flatMap((probe) => probe.checks).filter((check) => check.series === series);
  return [...new Set(checks.map(({ expression }) => expression))].flatMap((expression) => {
    const parsed = parseExpression(expression);
    if (parsed === null || !aggregates.includes(parsed.aggregate)) return [];
    return [{ y: unit === "%" ? 100 * parsed.limit : parsed.limit, label: `${gate}: ${expression}` }];
  });
}

/** Where the axis of a chart of times is cut off; null where all of it is shown. */
function cutAt(lines: readonly ChartLine[], limits: readonly { readonly y: number }[]): number | null {
  const end = LIMITS_HIGH * Math.max(0, ...limits.map(({ y }) => y));
  const highest = Math.max(...lines.flatMap(({ points }) => points.map(({ y }) => y)));
  return end > 0 && highest > end ? end : null;
}

function verticalOf({ answer, isConfirmed, of }: CapacityResult) {
  if (answer === null || answer === 0) return null;
  return { x: answer, label: `${isConfirmed ? "answer" : "answer, not confirmed"}: ${loadText(answer, of)}` };
}

function percent(share: number | null): number | null {
  return share === null ? null : 100 * share;
}
