/**
 * Draws the histogram of a metric's times, with its percentiles and the limits of the three tiers as vertical lines.
 */

import type { Limit, Percentile } from "./data.ts";
import { msText, percentile } from "./numbers.ts";
import { type Theme, theme } from "./theme.ts";

const BINS = 60;
const HEIGHT_PX = 220;
const MARGIN = { left: 8, right: 8, top: 74, bottom: 22 };

/** A vertical line with a label above it. */
interface LabelledLine {
  readonly ms: number;
  readonly label: string;
  readonly colour: keyof Theme;
  /** The row of the label, 0 at the top, so that labels do not overlap. */
  readonly row: number;
}

/**
 * Adds a canvas to the host; returns a function that draws the histogram at the present width of the host. `exact`: the
 * percentiles, where the values are a sample.
 */
export function histogram(
  host: HTMLElement,
  values: readonly number[],
  limits: readonly Limit[],
  exact?: readonly Percentile[],
): () => void {
  const canvas = document.createElement("canvas");
  host.append(canvas);
  const sorted = Float64Array.from(values).sort();
  const top = Math.max(percentile(sorted, 99.5), ...limits.map(({ ms }) => ms)) * 1.08;
  const bins = new Array<number>(BINS).fill(0);
  for (const value of values) {
    const bin = Math.min(BINS - 1, Math.floor((value / top) * BINS));
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  const lines: LabelledLine[] = [
    ...limits.map(({ ms, tier }, index) => ({ ms, label: tier, colour: "limit", row: 2 + (index % 2) }) as const),
    ...(exact ?? percentilesOf(sorted)).map(
      ({ ms, p }, row): LabelledLine => ({ ms, label: `P${p} ${msText(ms)}`, colour: "text", row: row % 2 }),
    ),
  ];
  return () => paint(canvas, { width: host.clientWidth, top, bins, lines });
}

/** The percentiles for which there are enough values. */
function percentilesOf(sorted: Float64Array): Percentile[] {
  return [50, 95, 99].flatMap((p) => (sorted.length * (100 - p) < 100 ? [] : [{ p, ms: percentile(sorted, p) }]));
}

function paint(
  canvas: HTMLCanvasElement,
  { width, top, bins, lines }: { width: number; top: number; bins: readonly number[]; lines: readonly LabelledLine[] },
): void {
  const ratio = devicePixelRatio;
  canvas.width = width * ratio;
  canvas.height = HEIGHT_PX * ratio;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${HEIGHT_PX}px`;
  const ctx = canvas.getContext("2d");
  if (ctx === null) return;
  const colours = theme();
  ctx.scale(ratio, ratio);
  const plotWidth = width - MARGIN.left - MARGIN.right;
  const bottom = HEIGHT_PX - MARGIN.bottom;
  const x = (ms: number) => MARGIN.left + (ms / top) * plotWidth;
  const most = Math.max(1, ...bins);
  ctx.fillStyle = colours.point;
  for (const [index, count] of bins.entries()) {
    const height = (count / most) * (bottom - MARGIN.top);
    ctx.fillRect(x((index / BINS) * top) + 0.5, bottom - height, plotWidth / BINS - 1, height);
  }
  ctx.strokeStyle = colours.grid;
  ctx.strokeRect(MARGIN.left, bottom, plotWidth, 0);
  ctx.font = "12px system-ui, sans-serif";
  ctx.fillStyle = colours.muted;
  const stepMs = niceStep(top / 8);
  for (let ms = 0; ms <= top; ms += stepMs) {
    ctx.textAlign = ms === 0 ? "left" : "center";
    ctx.fillText(`${ms}`, x(ms), HEIGHT_PX - 6);
  }
  for (const line of lines)
    paintLabelledLine(ctx, line, { x: x(line.ms), bottom, width, colour: colours[line.colour] });
}

function paintLabelledLine(
  ctx: CanvasRenderingContext2D,
  { label, row, colour: role }: LabelledLine,
  at: { x: number; bottom: number; width: number; colour: string },
): void {
  const y = 12 + row * 17;
  ctx.strokeStyle = at.colour;
  ctx.fillStyle = at.colour;
  ctx.setLineDash(role === "limit" ? [6, 4] : []);
  ctx.beginPath();
  ctx.moveTo(at.x, y + 4);
  ctx.lineTo(at.x, at.bottom);
  ctx.stroke();
  ctx.setLineDash([]);
  const half = ctx.measureText(label).width / 2 + 2;
  ctx.textAlign = "center";
  ctx.fillText(label, Math.min(Math.max(at.x, half), at.width - half), y);
}

/** The smallest of 1, 2, 5, 10, 20, 50 and so on that is at least `atLeast`. */
function niceStep(atLeast: number): number {
  const unit = 10 ** Math.floor(Math.log10(atLeast));
  return [1, 2, 5, 10].map((factor) => factor * unit).find((step) => step >= atLeast) ?? 10 * unit;
}
