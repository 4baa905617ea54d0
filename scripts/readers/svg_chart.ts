/** Draws charts as SVG that needs no script: lines over two axes, with the limits that they must stay below. */

import { escapeMarkup } from "./html_table.ts";

/** A point of a line. */
export interface ChartPoint {
  readonly x: number;
  readonly y: number;
  /** What a pointer over the point shows; a point without it has no mark of its own. */
  readonly label?: string;
  /** Where a click on the point leads, relative to the page. */
  readonly href?: string;
  /** Drawn as a cross instead of a dot. */
  readonly isFailed?: boolean;
}

/** One line. */
export interface ChartLine {
  readonly name: string;
  /** In ascending order of x. */
  readonly points: readonly ChartPoint[];
}

/** A chart. Its lines take the colours of the page (`theme.css`), in order. */
export interface Chart {
  /** What the chart shows, for screen readers too. */
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Three at most. */
  readonly lines: readonly ChartLine[];
  /** Horizontal lines: a target and what it is of. */
  readonly limits?: readonly { readonly y: number; readonly label: string }[];
  /** The end of the axis of x; the largest x unless given. */
  readonly xMax?: number;
}

const WIDTH = 720;
const HEIGHT = 260;
const LEFT = 64;
const RIGHT = 16;
const TOP = 28;
const BOTTOM = 44;

/** About how many marks an axis has. */
const TICKS = 6;

/** Places values on the chart. */
interface Scale {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

/** Draws the chart. Both axes begin at 0. Returns an `svg` element as wide as what it stands in. */
export function lineChart({ limits = [], lines, title, xLabel, yLabel, xMax }: Chart): string {
  const points = lines.flatMap((line) => line.points);
  const xs = axisTicks(xMax ?? Math.max(1, ...points.map(({ x }) => x)));
  const ys = axisTicks(Math.max(...points.map(({ y }) => y), ...limits.map(({ y }) => y * 1.1), 1e-9));
  const scale: Scale = {
    x: (value) => round(LEFT + (value / last(xs)) * (WIDTH - LEFT - RIGHT)),
    y: (value) => round(HEIGHT - BOTTOM - (value / last(ys)) * (HEIGHT - TOP - BOTTOM)),
  };
  return [
    `<svg class="lines" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeMarkup(title)}">`,
    ...ys.map(
      (value) =>
        `<path class="grid" d="M${LEFT} ${scale.y(value)}H${WIDTH - RIGHT}"/><text x="${LEFT - 8}" y="${scale.y(value) + 4}" text-anchor="end">${tickText(value)}</text>`,
    ),
    ...xs.map(
      (value) =>
        `<text x="${scale.x(value)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${tickText(value)}</text>`,
    ),
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${escapeMarkup(xLabel)}</text>`,
    `<text x="8" y="14">${escapeMarkup(yLabel)}</text>`,
    ...limits.map(
      ({ label, y }) =>
        `<path class="limit" d="M${LEFT} ${scale.y(y)}H${WIDTH - RIGHT}"/><text class="limit" x="${WIDTH - RIGHT}" y="${scale.y(y) - 4}" text-anchor="end">${escapeMarkup(label)}</text>`,
    ),
    ...lines.map((line, index) => lineMarkup(line, index, scale)),
    ...lines.map(
      ({ name }, index) =>
        `<text class="line${index}" x="${LEFT + 150 + index * 150}" y="14">${index === 1 ? "- - " : "— "}${escapeMarkup(name)}</text>`,
    ),
    "</svg>",
  ].join("\n");
}

function lineMarkup({ points }: ChartLine, index: number, { x, y }: Scale): string {
  const path = points.map((point, at) => `${at === 0 ? "M" : "L"}${x(point.x)} ${y(point.y)}`).join("");
  const marks = points.map(({ href, isFailed = false, label, ...point }) => {
    if (label === undefined) return "";
    const [cx, cy] = [x(point.x), y(point.y)];
    const shape = isFailed
      ? `<path class="failed" d="M${cx - 5} ${cy - 5}l10 10m0 -10l-10 10"/>`
      : `<circle cx="${cx}" cy="${cy}" r="4"/>`;
    const mark = `${shape}<title>${escapeMarkup(label)}</title>`;
    return href === undefined ? `<g>${mark}</g>` : `<a href="${escapeMarkup(href)}">${mark}</a>`;
  });
  return `<g class="line${index}"><path class="line" d="${path}"/>${marks.join("")}</g>`;
}

/** Round values from 0 to the first one that is not below `max`. */
export function axisTicks(max: number): number[] {
  const power = 10 ** Math.floor(Math.log10(max / TICKS));
  const step = ([1, 2, 5, 10].find((factor) => factor * power * TICKS >= max) ?? 10) * power;
  return Array.from({ length: Math.ceil(max / step - 1e-9) + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

function tickText(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 3 });
}

function last(values: readonly number[]): number {
  return values.at(-1) ?? 1;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
