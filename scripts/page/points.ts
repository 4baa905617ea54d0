/** Charts of single turns over the time of the run: each point can be hovered, clicked and reached by keyboard. */

import type uPlot from "uplot";

import { drawChart, paintLimit } from "./chart.ts";
import type { Limit, PageData } from "./data.ts";
import { showRecord } from "./record.ts";
import type { Theme } from "./theme.ts";
import { callOf, isFailed, turnName } from "./turns.ts";
import { clockText, percentile } from "./values.ts";

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

/** One point. */
export interface Point {
  readonly atMs: number;
  readonly y: number;
  readonly turn: number;
  readonly call: number;
}

/** The most slices that a run is cut into for its line of P95, and the turns that a slice must hold for one. */
const SLICES = 60;
const SLICE_TURNS = 20;

const POINT_PX = 4;
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

/** A failed turn is a cross, so that colour is not the only sign. Squares are a tenth of the cost of circles. */
function paintPoints(plot: uPlot, { data, points, yMax }: PointSpec, theme: Theme): void {
  const { ctx } = plot;
  const size = POINT_PX * devicePixelRatio;
  const crosses = new Path2D();
  ctx.fillStyle = theme.point;
  for (const { atMs, turn, y } of points) {
    const px = plot.valToPos(atMs, "x", true);
    const py = plot.valToPos(Math.min(y, yMax), "y", true);
    if (turn >= 0 && !isFailed(data, turn)) {
      ctx.fillRect(px - size / 2, py - size / 2, size, size);
      continue;
    }
    crosses.moveTo(px - size, py - size);
    crosses.lineTo(px + size, py + size);
    crosses.moveTo(px + size, py - size);
    crosses.lineTo(px - size, py + size);
  }
  ctx.strokeStyle = theme.failed;
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.stroke(crosses);
}

function paintName(plot: uPlot, lane: number, name: string, { muted }: Theme): void {
  const { bbox, ctx } = plot;
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.fillStyle = muted;
  ctx.textAlign = "left";
  ctx.fillText(name, bbox.left + 6 * devicePixelRatio, plot.valToPos(lane + 0.12, "y", true));
}

function paintChosen(plot: uPlot, { atMs, y }: Point, { text }: Theme): void {
  const { ctx } = plot;
  ctx.beginPath();
  ctx.arc(plot.valToPos(atMs, "x", true), plot.valToPos(y, "y", true), 7 * devicePixelRatio, 0, 2 * Math.PI);
  ctx.strokeStyle = text;
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.stroke();
}

/** A level for each slice: what lies between two slices was not measured, so nothing joins them. */
function paintSlices(plot: uPlot, slices: readonly Slice[], { line: colour }: Theme): void {
  const { ctx } = plot;
  ctx.beginPath();
  for (const { fromMs, p95Ms, toMs } of slices) {
    const y = plot.valToPos(p95Ms, "y", true);
    ctx.moveTo(plot.valToPos(fromMs, "x", true), y);
    ctx.lineTo(plot.valToPos(toMs, "x", true), y);
  }
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.stroke();
}

/** A slice of the run that holds enough turns for a P95. */
interface Slice {
  readonly fromMs: number;
  readonly toMs: number;
  readonly p95Ms: number;
}

function slicesOf(points: readonly Point[], lengthMs: number): Slice[] {
  const count = Math.max(1, Math.min(SLICES, Math.floor(points.length / (1.5 * SLICE_TURNS))));
  const sliceMs = lengthMs / count;
  const slices = Array.from({ length: count }, (): number[] => []);
  for (const { atMs, y } of points) slices[Math.min(count - 1, Math.floor(atMs / sliceMs))]?.push(y);
  return slices.flatMap((values, index): Slice[] => {
    if (values.length < SLICE_TURNS) return [];
    const p95Ms = percentile(
      values.sort((a, b) => a - b),
      95,
    );
    return [{ fromMs: index * sliceMs, toMs: (index + 1) * sliceMs, p95Ms }];
  });
}
