/** Draws a chart with one point per turn over the time of the run; points react to hover, click and keyboard. */

import type uPlot from "uplot";

import { drawChart, paintLimit } from "./chart.ts";
import type { Limit, PageData } from "./data.ts";
import { clockText } from "./numbers.ts";
import { type Point, p95Slices, paintLaneName, paintP95Slices, paintPoints, paintSelection } from "./paint_points.ts";
import { showRecord } from "./record_dialog.ts";
import { callIdOf, turnName } from "./turns.ts";

/** What a point chart shows and where. */
export interface PointChartSpec {
  readonly host: HTMLElement;
  readonly data: PageData;
  /** The name of the metric in tooltips. */
  readonly name: string;
  /** Ascending in `atMs`. */
  readonly points: readonly Point[];
  readonly yMax: number;
  readonly yText: (value: number) => string;
  /** Names of lanes at y = 0, 1, 2 and so on; they replace the scale of the y axis. */
  readonly lanes?: readonly string[];
  readonly heightPx: number;
  readonly limits: readonly Limit[];
  readonly showsCallers: boolean;
  /** True: the P95 of each slice of the run is drawn as a line. */
  readonly showsP95: boolean;
}

/** The largest distance between the pointer and the point that it selects. */
const REACH_PX = 24;

/** Draws the chart. */
export function drawPointChart(spec: PointChartSpec): void {
  const { data, host, points } = spec;
  const atMs = points.map((point) => point.atMs);
  const slices = spec.showsP95 ? p95Slices(points, data.lengthMs) : [];
  let selected = -1;
  const plot = drawChart({
    host,
    data,
    atMs,
    y: {
      max: spec.yMax,
      // Lane names are written into the plot, so that the plots of all charts begin at the same x.
      text: spec.lanes === undefined ? spec.yText : () => "",
      size: 68,
      ...(spec.lanes === undefined ? {} : { splits: spec.lanes.map((_, lane) => lane) }),
    },
    heightPx: spec.heightPx,
    showsCallers: spec.showsCallers,
    paint(drawn, theme) {
      for (const [lane, name] of (spec.lanes ?? []).entries()) paintLaneName(drawn, lane, name, theme);
      paintPoints(drawn, spec, theme);
      paintP95Slices(drawn, slices, theme);
      for (const { tier, ms } of spec.limits) if (ms <= spec.yMax) paintLimit(drawn, ms, `P95 ${tier}`, theme.limit);
      const point = points[selected];
      if (point !== undefined) paintSelection(drawn, point, theme);
    },
  });
  const tooltip = document.createElement("div");
  tooltip.className = "tip";
  tooltip.hidden = true;
  const liveRegion = document.createElement("p");
  liveRegion.className = "unseen";
  liveRegion.setAttribute("aria-live", "polite");
  plot.over.append(tooltip);
  host.after(liveRegion);
  const select = (index: number, announce: boolean) => {
    if (index === selected) return;
    selected = index;
    plot.redraw(false, false);
    const point = points[selected];
    tooltip.hidden = point === undefined;
    if (point === undefined) return;
    const text = tooltipText(spec, point);
    tooltip.textContent = text;
    placeTooltip(plot, tooltip, point);
    if (announce) liveRegion.textContent = text;
  };
  const open = () => {
    const turn = points[selected]?.turn ?? -1;
    if (turn >= 0) showRecord(data, turn);
  };
  addListeners({ plot, host, points, select, open, selected: () => selected });
}

/** What the event listeners of a chart act on. */
interface ChartControls {
  readonly plot: uPlot;
  readonly host: HTMLElement;
  readonly points: readonly Point[];
  /** Selects a point, or none with -1; `announce` reports it to screen readers. */
  select(index: number, announce: boolean): void;
  /** Opens the record of the selected turn. */
  open(): void;
  selected(): number;
}

function addListeners({ plot, host, points, select, open, selected }: ChartControls): void {
  let downX = 0;
  plot.over.addEventListener("mousemove", ({ offsetX, offsetY }) =>
    select(nearest(plot, points, offsetX, offsetY), false),
  );
  plot.over.addEventListener("mouseleave", () => select(-1, false));
  plot.over.addEventListener("mousedown", ({ clientX }) => {
    downX = clientX;
  });
  // A drag that zooms ends with a click event too.
  plot.over.addEventListener("click", ({ clientX }) => {
    if (Math.abs(clientX - downX) < 4) open();
  });
  const moves: Readonly<Record<string, () => number>> = {
    ArrowRight: () => Math.min(points.length - 1, selected() + 1),
    ArrowLeft: () => Math.max(0, selected() - 1),
    Home: () => 0,
    End: () => points.length - 1,
  };
  host.addEventListener("keydown", (event) => {
    const move = moves[event.key];
    if (move !== undefined) select(move(), true);
    else if (event.key === "Enter" || event.key === " ") open();
    else if (event.key === "Escape") select(-1, true);
    else return;
    event.preventDefault();
  });
}

/** The index of the point nearest to a position on the plot, at most REACH_PX away; else -1. */
function nearest(plot: uPlot, points: readonly Point[], left: number, top: number): number {
  const from = firstAtOrAfter(points, plot.posToVal(left - REACH_PX, "x"));
  const toMs = plot.posToVal(left + REACH_PX, "x");
  let best = -1;
  let bestPx = REACH_PX;
  for (let index = from; index < points.length; index += 1) {
    const point = points[index];
    if (point === undefined || point.atMs > toMs) break;
    const px = Math.hypot(plot.valToPos(point.atMs, "x") - left, plot.valToPos(point.y, "y") - top);
    if (px < bestPx) [best, bestPx] = [index, px];
  }
  return best;
}

function firstAtOrAfter(points: readonly Point[], atMs: number): number {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.atMs ?? 0) < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function tooltipText({ data, name, yText }: PointChartSpec, { atMs, call, turn, y }: Point): string {
  const at = clockText(atMs);
  if (turn < 0) return `${at}  ${yText(y)}  call ${data.calls[call] ?? ""}`;
  const outcome = data.outcomes[data.turns.outcome[turn] ?? -1] ?? "";
  return `${at}  ${name}/${turnName(data, turn)} ${yText(y)}  ${outcome}  ${callIdOf(data, turn)}`;
}

/**
 * Places the tooltip above its point, near the upper edge below it, and always between the left and right edge of the
 * plot.
 */
function placeTooltip(plot: uPlot, tooltip: HTMLElement, point: Point): void {
  const width = plot.over.clientWidth;
  const x = plot.valToPos(point.atMs, "x");
  const y = plot.valToPos(point.y, "y");
  tooltip.style.left = `${Math.max(0, Math.min(x - tooltip.offsetWidth / 2, width - tooltip.offsetWidth))}px`;
  tooltip.style.top = `${y < 44 ? y + 12 : y - 36}px`;
}
