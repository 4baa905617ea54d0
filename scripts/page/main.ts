/** The script of `report.html`: draws the charts from the JSON in the page. The text of the page needs no script. */

import { drawChart, paintLimit, redrawCharts, resetZoom } from "./chart.ts";
import type { Limit, PageData } from "./data.ts";
import { histogram } from "./histogram.ts";
import { msText, percentile } from "./numbers.ts";
import type { Point } from "./paint_points.ts";
import { drawPointChart } from "./point_chart.ts";
import { showRecord } from "./record_dialog.ts";
import { onThemeChange } from "./theme.ts";

const TIME_PX = 240;
const LANE_PX = 26;

const data = JSON.parse(document.querySelector("#data")?.textContent ?? "") as PageData;
const redraws: (() => void)[] = [redrawCharts];

/**
 * The points of a metric, by the field of the turn records; none where it was never observed. `instant`: the field
 * for x.
 */
function pointsOf(metric: string, instant?: string): Point[] {
  const values = data.turns.numbers[metric] ?? [];
  const instants = instant === undefined ? undefined : data.turns.numbers[instant];
  const points = values.flatMap((value, turn): Point[] => {
    if (value === null) return [];
    return [{ atMs: instants?.[turn] ?? data.turns.atMs[turn] ?? 0, y: value, turn, call: data.turns.call[turn] ?? 0 }];
  });
  return instant === undefined ? points : points.sort((a, b) => a.atMs - b.atMs);
}

/**
 * The top of the y axis: the P99.8 or the strictest limit, with a margin. Higher outliers are drawn at the upper
 * edge.
 */
function yMaxOf(points: readonly Point[], limits: readonly Limit[]): number {
  const sorted = points.map(({ y }) => y).sort((a, b) => a - b);
  return Math.max(percentile(sorted, 99.8) * 1.1, (limits[0]?.ms ?? 0) * 1.1, 10);
}

function drawTimeChart(id: string, name: string, points: readonly Point[], limits: readonly Limit[]): void {
  const host = document.querySelector<HTMLElement>(`#${id}`);
  if (host === null) return;
  drawPointChart({
    host,
    data,
    name,
    points,
    yMax: yMaxOf(points, limits),
    yText: msText,
    heightPx: TIME_PX,
    limits,
    showsCallers: true,
    showsP95: true,
  });
}

function showHistogram(metric: "ttfb" | "barge"): void {
  const host = document.querySelector<HTMLElement>(`#${metric}-spread`);
  const late = data.outcomes.indexOf("generator_late");
  const values = (data.turns.numbers[`${metric}Ms`] ?? []).filter(
    (value, turn): value is number => value !== null && data.turns.outcome[turn] !== late,
  );
  if (host === null || values.length === 0) return;
  const draw = histogram(host, values, data.limits[metric], data.percentiles[metric]);
  draw();
  redraws.push(draw);
}

function drawFaultChart(): void {
  const host = document.querySelector<HTMLElement>("#faults");
  if (host === null || data.lanes.length === 0) return;
  const points = data.marks.map(({ atMs, call, lane, turn }) => ({ atMs, y: lane, turn, call }));
  drawPointChart({
    host,
    data,
    name: "turn",
    points,
    yMax: data.lanes.length - 0.5,
    yText: (lane) => data.lanes[lane] ?? "",
    lanes: data.lanes,
    heightPx: 70 + data.lanes.length * LANE_PX,
    limits: [],
    showsCallers: true,
    showsP95: false,
  });
}

function drawLagChart(): void {
  const host = document.querySelector<HTMLElement>("#lag");
  if (host === null || data.sendLag.atMs.length === 0) return;
  drawChart({
    host,
    data,
    atMs: [],
    y: { max: Math.max(data.sendLagLimitMs * 1.25, ...data.sendLag.values), text: msText, size: 68 },
    heightPx: 160,
    showsCallers: true,
    paint(plot, colours) {
      const { ctx } = plot;
      ctx.beginPath();
      for (const [index, atMs] of data.sendLag.atMs.entries())
        ctx.lineTo(plot.valToPos(atMs, "x", true), plot.valToPos(data.sendLag.values[index] ?? 0, "y", true));
      ctx.strokeStyle = colours.line;
      ctx.lineWidth = 1.5 * devicePixelRatio;
      ctx.stroke();
      paintLimit(plot, data.sendLagLimitMs, "limit", colours.limit);
    },
  });
}

drawTimeChart("ttfb", "ttfb", pointsOf("ttfbMs"), data.limits.ttfb);
drawTimeChart("barge", "barge", pointsOf("bargeMs", "bargeAtMs"), data.limits.barge);
showHistogram("ttfb");
showHistogram("barge");
drawTimeChart(
  "stall",
  "stall",
  pointsOf("stallMs").filter(({ y }) => y > 0),
  [],
);
drawFaultChart();
drawLagChart();

document.querySelector("#reset")?.addEventListener("click", () => resetZoom(data));
for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-turn]"))
  button.addEventListener("click", () => showRecord(data, Number(button.dataset.turn)));
const redrawAll = () => {
  for (const redraw of redraws) redraw();
};
addEventListener("resize", redrawAll);
onThemeChange(redrawAll);
document.documentElement.dataset.drawn = "true";
