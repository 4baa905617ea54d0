/** Charts of single turns over the time of the run: each point can be hovered, clicked and reached by keyboard. */

import type uPlot from "uplot";

import { drawChart, paintLimit } from "./chart.ts";
import type { Limit, PageData } from "./data.ts";
import { clockText } from "./numbers.ts";
import { type Point, paintChosen, paintName, paintPoints, paintSlices, slicesOf } from "./paint_points.ts";
import { showRecord } from "./record_dialog.ts";
import { callOf, turnName } from "./turns.ts";

/** What a chart of points shows. */
export interface PointSpec {
  readonly host: HTMLElement;
  readonly data: PageData;
  readonly name: string;
  /** Ascending in `atMs`; `turn` is an index into the columns, or -1 where there is none to show. */
  readonly points: readonly Point[];
  readonly yMax: number;
  readonly yText: (value: number) => string;
  /** Names of rows that stand at y = 0, 1, 2 and so on, instead of a scale. */
  readonly lanes?: readonly string[];
  readonly heightPx: number;
  readonly limits: readonly Limit[];
  readonly showsCallers: boolean;
  /** True where the P95 of each slice of the run is drawn as a line. */
  readonly showsP95: boolean;
}

const REACH_PX = 24;

/** Draws the chart. */
export function drawPoints(spec: PointSpec): void {
  const { data, host, points } = spec;
  const atMs = points.map((point) => point.atMs);
  const slices = spec.showsP95 ? slicesOf(points, data.lengthMs) : [];
  let chosen = -1;
  const plot = drawChart({
    host,
    data,
    atMs,
    y: {
      max: spec.yMax,
      // Lanes have their names within the plot, so that all charts begin at the same x.
      text: spec.lanes === undefined ? spec.yText : () => "",
      size: 68,
      ...(spec.lanes === undefined ? {} : { splits: spec.lanes.map((_, lane) => lane) }),
    },
    heightPx: spec.heightPx,
    showsCallers: spec.showsCallers,
    paint(drawn, theme) {
      for (const [lane, name] of (spec.lanes ?? []).entries()) paintName(drawn, lane, name, theme);
      paintPoints(drawn, spec, theme);
      paintSlices(drawn, slices, theme);
      for (const { tier, ms } of spec.limits) if (ms <= spec.yMax) paintLimit(drawn, ms, `P95 ${tier}`, theme.limit);
      const point = points[chosen];
      if (point !== undefined) paintChosen(drawn, point, theme);
    },
  });
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  const live = document.createElement("p");
  live.className = "unseen";
  live.setAttribute("aria-live", "polite");
  plot.over.append(tip);
  host.after(live);
  const choose = (index: number, spoken: boolean) => {
    if (index === chosen) return;
    chosen = index;
    plot.redraw(false, false);
    const point = points[chosen];
    tip.hidden = point === undefined;
    if (point === undefined) return;
    const words = wordsOf(spec, point);
    tip.textContent = words;
    placeTip(plot, tip, point);
    if (spoken) live.textContent = words;
  };
  const open = () => {
    const turn = points[chosen]?.turn ?? -1;
    if (turn >= 0) showRecord(data, turn);
  };
  listen({ plot, host, points, choose, open, chosen: () => chosen });
}

interface Handles {
  readonly plot: uPlot;
  readonly host: HTMLElement;
  readonly points: readonly Point[];
  choose(index: number, spoken: boolean): void;
  open(): void;
  chosen(): number;
}

function listen({ plot, host, points, choose, open, chosen }: Handles): void {
  let downX = 0;
  plot.over.addEventListener("mousemove", ({ offsetX, offsetY }) =>
    choose(nearest(plot, points, offsetX, offsetY), false),
  );
  plot.over.addEventListener("mouseleave", () => choose(-1, false));
  plot.over.addEventListener("mousedown", ({ clientX }) => {
    downX = clientX;
  });
  // The end of a drag that zooms is a click too.
  plot.over.addEventListener("click", ({ clientX }) => {
    if (Math.abs(clientX - downX) < 4) open();
  });
  const moves: Readonly<Record<string, () => number>> = {
    ArrowRight: () => Math.min(points.length - 1, chosen() + 1),
    ArrowLeft: () => Math.max(0, chosen() - 1),
    Home: () => 0,
    End: () => points.length - 1,
  };
  host.addEventListener("keydown", (event) => {
    const move = moves[event.key];
    if (move !== undefined) choose(move(), true);
    else if (event.key === "Enter" || event.key === " ") open();
    else if (event.key === "Escape") choose(-1, true);
    else return;
    event.preventDefault();
  });
}

/** The index of the point that is nearest to a place on the plot, within reach; else -1. */
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

function wordsOf({ data, name, yText }: PointSpec, { atMs, call, turn, y }: Point): string {
  const at = clockText(atMs);
  if (turn < 0) return `${at}  ${yText(y)}  call ${data.calls[call] ?? ""}`;
  const outcome = data.outcomes[data.turns.outcome[turn] ?? -1] ?? "";
  return `${at}  ${name}/${turnName(data, turn)} ${yText(y)}  ${outcome}  ${callOf(data, turn)}`;
}

/** Above the point, or below it near the top; never beyond the plot's sides. */
function placeTip(plot: uPlot, tip: HTMLElement, point: Point): void {
  const width = plot.over.clientWidth;
  const x = plot.valToPos(point.atMs, "x");
  const y = plot.valToPos(point.y, "y");
  tip.style.left = `${Math.max(0, Math.min(x - tip.offsetWidth / 2, width - tip.offsetWidth))}px`;
  tip.style.top = `${y < 44 ? y + 12 : y - 36}px`;
}
