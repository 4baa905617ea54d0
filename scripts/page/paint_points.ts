/** What is painted into a chart of points: the points themselves, the names of rows, levels of P95. */

import type uPlot from "uplot";

import type { PageData } from "./data.ts";
import { percentile } from "./numbers.ts";
import type { Theme } from "./theme.ts";
import { isFailed } from "./turns.ts";

/** One point. */
export interface Point {
  readonly atMs: number;
  readonly y: number;
  readonly turn: number;
  readonly call: number;
}

/** The points of a chart; what lies above `yMax` is painted at it. */
interface Marked {
  readonly data: PageData;
  readonly points: readonly Point[];
  readonly yMax: number;
}

/** The most slices that a run is cut into for its line of P95, and the turns that a slice must hold for one. */
const SLICES = 60;
const SLICE_TURNS = 20;

const POINT_PX = 4;

/** A slice of the run that holds enough turns for a P95. */
export interface Slice {
  readonly fromMs: number;
  readonly toMs: number;
  readonly p95Ms: number;
}

/** Cuts the run into slices of one length; those that hold too few turns are left out. */
export function slicesOf(points: readonly Point[], lengthMs: number): Slice[] {
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

/** A failed turn is a cross, so that colour is not the only sign. Squares are a tenth of the cost of circles. */
export function paintPoints(plot: uPlot, { data, points, yMax }: Marked, theme: Theme): void {
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

/** The name of a row, within the plot. */
export function paintName(plot: uPlot, lane: number, name: string, { muted }: Theme): void {
  const { bbox, ctx } = plot;
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.fillStyle = muted;
  ctx.textAlign = "left";
  ctx.fillText(name, bbox.left + 6 * devicePixelRatio, plot.valToPos(lane + 0.12, "y", true));
}

/** A ring around the chosen point. */
export function paintChosen(plot: uPlot, { atMs, y }: Point, { text }: Theme): void {
  const { ctx } = plot;
  ctx.beginPath();
  ctx.arc(plot.valToPos(atMs, "x", true), plot.valToPos(y, "y", true), 7 * devicePixelRatio, 0, 2 * Math.PI);
  ctx.strokeStyle = text;
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.stroke();
}

/** A level for each slice: what lies between two slices was not measured, so nothing joins them. */
export function paintSlices(plot: uPlot, slices: readonly Slice[], { line: colour }: Theme): void {
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
