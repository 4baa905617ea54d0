/** Paints the content of a point chart: the points, the selection, lane names and P95 levels. */

import type uPlot from "uplot";

import type { PageData } from "./data.ts";
import { percentile } from "./numbers.ts";
import type { Theme } from "./theme.ts";
import { isFailed } from "./turns.ts";

/** One point of a chart. */
export interface Point {
  readonly atMs: number;
  readonly y: number;
  /** Index of the turn, or -1. */
  readonly turn: number;
  /** Index into `PageData.calls`. */
  readonly call: number;
}

/** The points of a chart; points above `yMax` are painted at `yMax`. */
interface PointLayer {
  readonly data: PageData;
  readonly points: readonly Point[];
  readonly yMax: number;
}

/** The most slices of a run, each with a P95 level. */
const MAX_SLICES = 60;

/** A slice needs this many turns for a P95. */
const SLICE_TURNS = 20;

const POINT_PX = 4;

/** A slice of the run, and the P95 of its turns. */
export interface P95Slice {
  readonly fromMs: number;
  readonly toMs: number;
  readonly p95Ms: number;
}

/** Cuts the run into slices of equal length; slices with too few turns for a P95 are left out. */
export function p95Slices(points: readonly Point[], lengthMs: number): P95Slice[] {
  const count = Math.max(1, Math.min(MAX_SLICES, Math.floor(points.length / (1.5 * SLICE_TURNS))));
  const sliceMs = lengthMs / count;
  const slices = Array.from({ length: count }, (): number[] => []);
  for (const { atMs, y } of points) slices[Math.min(count - 1, Math.floor(atMs / sliceMs))]?.push(y);
  return slices.flatMap((values, index): P95Slice[] => {
    if (values.length < SLICE_TURNS) return [];
    const p95Ms = percentile(
      values.sort((a, b) => a - b),
      95,
    );
    return [{ fromMs: index * sliceMs, toMs: (index + 1) * sliceMs, p95Ms }];
  });
}

/**
 * Failed turns are crosses, the others squares, so that colour is not the only difference. Drawing a square takes a
 * tenth of the time of a circle.
 */
export function paintPoints(plot: uPlot, { data, points, yMax }: PointLayer, theme: Theme): void {
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

/** Writes the name of a lane into the plot. */
export function paintLaneName(plot: uPlot, lane: number, name: string, { muted }: Theme): void {
  const { bbox, ctx } = plot;
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.fillStyle = muted;
  ctx.textAlign = "left";
  ctx.fillText(name, bbox.left + 6 * devicePixelRatio, plot.valToPos(lane + 0.12, "y", true));
}

/** Draws a ring around the selected point. */
export function paintSelection(plot: uPlot, { atMs, y }: Point, { text }: Theme): void {
  const { ctx } = plot;
  ctx.beginPath();
  ctx.arc(plot.valToPos(atMs, "x", true), plot.valToPos(y, "y", true), 7 * devicePixelRatio, 0, 2 * Math.PI);
  ctx.strokeStyle = text;
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.stroke();
}

/**
 * Draws the P95 of each slice as a horizontal line; lines are not joined, since nothing was measured between slices.
 */
export function paintP95Slices(plot: uPlot, slices: readonly P95Slice[], { line: colour }: Theme): void {
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
