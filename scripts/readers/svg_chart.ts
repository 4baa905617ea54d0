/** Draws charts as SVG that needs no script: lines over two axes, with the limits that they are held against. */

import { escapeMarkup } from "./html_table.ts";
import { type Mark, markMarkup } from "./svg_mark.ts";

/** A point of a line, and its mark. */
export interface ChartPoint extends Mark {
  readonly x: number;
  readonly y: number;
  /** True where the line does not go through the point: it has its mark only. */
  readonly isOffLine?: boolean;
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
  /** Horizontal lines: a target and what it is of. Three at most. */
  readonly limits?: readonly { readonly y: number; readonly label: string }[];
  /** A vertical line: a value of x that stands out. */
  readonly vertical?: { readonly x: number; readonly label: string };
  /** Where the axis of x begins and ends: at 0, and at the largest x, unless given. What is beyond its end is not drawn. */
  readonly xMin?: number;
  readonly xMax?: number;
  /**
   * The end of the axis of y; unless given, the largest y, or a limit above it. A mark above it stands at the upper edge, with an
   * arrow and, where there is room, its value.
   */
  readonly yMax?: number;
}

const WIDTH = 720;
const HEIGHT = 280;
const LEFT = 64;
const RIGHT = 24;
const TOP = 48;
const BOTTOM = 44;

/** About how many marks an axis has. */
const TICKS = 6;

/** The length of the piece of line that stands before a name in the legend. */
const SAMPLE = 26;

/** The usual width of a character of 12 px. */
const CHARACTER = 6.6;

/** How far apart the names of limits begin that are too close to each other to have their names one over the other. */
const LIMIT_NAME = 200;

/** The height of a line of text. */
const LINE_HEIGHT = 16;

/** How much room the value of a point above the chart takes. */
const VALUE_ROOM = 70;

/** Places values on the chart. */
interface Scale {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  /** False for a point beyond the end of the axis of x. */
  readonly isInside: (point: ChartPoint) => boolean;
  readonly yEnd: number;
}

/** Draws the chart; the axis of y begins at 0. Returns an `svg` element as wide as what it stands in. */
export function lineChart(chart: Chart): string {
  const { limits = [], lines, title, vertical, xLabel, xMin = 0, xMax, yLabel, yMax } = chart;
  const points = lines.flatMap((line) => line.points);
  const xEnd = xMax ?? Math.max(...points.map(({ x }) => x));
  const xs = axisTicks(xEnd > xMin ? xEnd : xMin + 1, xMin);
  const ys = axisTicks(yMax ?? Math.max(...points.map(({ y }) => y), ...limits.map(({ y }) => y * 1.1), 1e-9));
  const scale = scaleOf(xs, ys);
  // The parts of an image cannot be reached one by one, so a chart with links is a group.
  const role = points.some(({ href }) => href !== undefined) ? "group" : "img";
  return [
    `<svg class="lines" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="${role}" aria-label="${escapeMarkup(title)}">`,
    '<g aria-hidden="true">',
    ...axes(xs, ys, scale),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, xLabel, 'text-anchor="middle"'),
    text(8, 14, yLabel),
    ...legend(lines, yLabel),
    ...limits.map(({ y }) => `<path class="limit" d="M${LEFT} ${scale.y(y)}H${WIDTH - RIGHT}"/>`),
    ...(vertical === undefined ? [] : verticalLine(vertical, scale)),
    "</g>",
    ...lines.map((line, index) => lineMarkup(line, index, scale)),
    '<g aria-hidden="true">',
    ...limits.map(({ label, y }, index) => {
      const close = limits.slice(0, index).filter((other) => Math.abs(scale.y(other.y) - scale.y(y)) < LINE_HEIGHT);
      return text(LEFT + 6 + close.length * LIMIT_NAME, scale.y(y) - 5, label, 'class="limit"');
    }),
    "</g>",
    "</svg>",
  ].join("\n");
}

function scaleOf(xs: readonly number[], ys: readonly number[]): Scale {
  const [xFrom = 0, xTo, yEnd] = [xs[0], last(xs), last(ys)];
  return {
    x: (value) => round(LEFT + ((value - xFrom) / (xTo - xFrom)) * (WIDTH - LEFT - RIGHT)),
    y: (value) => round(HEIGHT - BOTTOM - (value / yEnd) * (HEIGHT - TOP - BOTTOM)),
    isInside: ({ x }) => x <= xTo,
    yEnd,
  };
}

function axes(xs: readonly number[], ys: readonly number[], scale: Scale): string[] {
  return [
    ...ys.map((value) => `<path class="grid" d="M${LEFT} ${scale.y(value)}H${WIDTH - RIGHT}"/>`),
    ...ys.map((value) => text(LEFT - 8, scale.y(value) + 4, tickText(value), 'text-anchor="end"')),
    ...xs.map((value) => text(scale.x(value), HEIGHT - BOTTOM + 18, tickText(value), 'text-anchor="middle"')),
  ];
}

/** The names of the lines, each behind a piece of its line. */
function legend(lines: readonly ChartLine[], yLabel: string): string[] {
  let x = Math.max(LEFT, 8 + yLabel.length * CHARACTER + 24);
  return lines.map(({ name }, index) => {
    const from = round(x);
    x += SAMPLE + 6 + name.length * CHARACTER + 20;
    const sample = `<path class="line" d="M${from} 10h${SAMPLE}"/>`;
    return `<g class="line${index}">${sample}${text(from + SAMPLE + 6, 14, name)}</g>`;
  });
}

function verticalLine({ label, x }: { readonly x: number; readonly label: string }, scale: Scale): string[] {
  const at = scale.x(x);
  const room = (label.length * CHARACTER) / 2;
  const middle = Math.min(Math.max(at, LEFT + room), WIDTH - RIGHT - room);
  return [
    `<path class="vertical" d="M${at} ${TOP - 8}V${HEIGHT - BOTTOM}"/>`,
    text(round(middle), TOP - 12, label, 'class="vertical" text-anchor="middle"'),
  ];
}

function lineMarkup({ points: all }: ChartLine, index: number, scale: Scale): string {
  const points = all.filter((point) => scale.isInside(point));
  const onLine = points.filter(({ isOffLine = false }) => !isOffLine);
  const path = onLine.map(({ x, y }, at) => `${at === 0 ? "M" : "L"}${scale.x(x)} ${scale.y(y)}`).join("");
  let valueX = Number.NEGATIVE_INFINITY;
  const marks = points.map((point) => {
    const at = { x: scale.x(point.x), y: scale.y(Math.min(point.y, scale.yEnd)) };
    if (point.y <= scale.yEnd) return markMarkup(point, at);
    const hasRoom = at.x - valueX > VALUE_ROOM;
    if (hasRoom) valueX = at.x;
    return markMarkup(point, at, hasRoom ? tickText(Math.round(point.y)) : "");
  });
  // An inner svg cuts off what is above the end of the axis.
  const [width, height] = [WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM + 2];
  const area = `x="${LEFT}" y="${TOP - 1}" width="${width}" height="${height}" viewBox="${LEFT} ${TOP - 1} ${width} ${height}"`;
  const line = path === "" ? "" : `<svg aria-hidden="true" ${area}><path class="line" d="${path}"/></svg>`;
  return `<g class="line${index}">${line}${marks.join("")}</g>`;
}

/** Round values from the last one that is not above `min` to the first one that is not below `max`, which is above `min`. */
export function axisTicks(max: number, min = 0): number[] {
  const range = max - min;
  const power = 10 ** Math.floor(Math.log10(range / TICKS));
  const step = ([1, 2, 5, 10].find((factor) => factor * power * TICKS >= range) ?? 10) * power;
  const first = Math.floor(min / step + 1e-9);
  const count = Math.ceil(max / step - 1e-9) - first + 1;
  return Array.from({ length: count }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

function text(x: number, y: number, content: string, attributes = ""): string {
  return `<text x="${x}" y="${y}"${attributes === "" ? "" : ` ${attributes}`}>${escapeMarkup(content)}</text>`;
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
