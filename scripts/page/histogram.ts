/** How a metric's times are spread: a histogram with its percentiles and the limits of the three tiers. */

import type { Limit } from "./data.ts";
import { msText, percentile } from "./numbers.ts";
import { type Theme, theme } from "./theme.ts";

const BINS = 60;
const HEIGHT_PX = 220;
const MARGIN = { left: 8, right: 8, top: 74, bottom: 22 };

/** A word on a vertical line. */
interface Sign {
  readonly ms: number;
  readonly word: string;
  readonly colour: keyof Theme;
  readonly row: number;
}

/** Returns a function that draws the histogram as wide as its place is. */
export function distribution(host: HTMLElement, values: readonly number[], limits: readonly Limit[]): () => void {
  const canvas = document.createElement("canvas");
  host.append(canvas);
  const sorted = Float64Array.from(values).sort();
  const top = Math.max(percentile(sorted, 99.5), ...limits.map(({ ms }) => ms)) * 1.08;
  const bins = new Array<number>(BINS).fill(0);
  for (const value of values) {
    const bin = Math.min(BINS - 1, Math.floor((value / top) * BINS));
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  const signs: Sign[] = [
    ...limits.map(({ ms, tier }, index) => ({ ms, word: tier, colour: "limit", row: 2 + (index % 2) }) as const),
    ...[50, 95, 99].flatMap((p, row): Sign[] => {
      if (sorted.length * (100 - p) < 100) return [];
      const ms = percentile(sorted, p);
      return [{ ms, word: `P${p} ${msText(ms)}`, colour: "text", row: row % 2 }];
    }),
  ];
  return () => paint(canvas, { width: host.clientWidth, top, bins, signs });
}

function paint(
  canvas: HTMLCanvasElement,
  { width, top, bins, signs }: { width: number; top: number; bins: readonly number[]; signs: readonly Sign[] },
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
  for (const sign of signs) paintSign(ctx, sign, { x: x(sign.ms), bottom, width, colour: colours[sign.colour] });
}

function paintSign(
  ctx: CanvasRenderingContext2D,
  { word, row, colour: role }: Sign,
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
  const half = ctx.measureText(word).width / 2 + 2;
  ctx.textAlign = "center";
  ctx.fillText(word, Math.min(Math.max(at.x, half), at.width - half), y);
}

/** The next of 1, 2, 5, 10 and so on. */
function niceStep(atLeast: number): number {
  const unit = 10 ** Math.floor(Math.log10(atLeast));
  return [1, 2, 5, 10].map((factor) => factor * unit).find((step) => step >= atLeast) ?? 10 * unit;
}
