/** Draws a chart over the time of the run: uPlot draws axes, zoom and cursor, `ChartSpec.paint` draws the data. */

import uPlot from "uplot";

import type { PageData } from "./data.ts";
import { clockText } from "./numbers.ts";
import { type Theme, theme } from "./theme.ts";

/** What a chart shows and where. */
export interface ChartSpec {
  readonly host: HTMLElement;
  readonly data: PageData;
  /** The x of every point that can be selected, ascending, in ms since the run began. */
  readonly atMs: readonly number[];
  readonly y: {
    readonly max: number;
    readonly text: (value: number) => string;
    /** The values with a grid line and a label; by default uPlot chooses them. */
    readonly splits?: readonly number[];
    /** Width of the axis, CSS pixels. */
    readonly size: number;
  };
  readonly heightPx: number;
  /** True: the number of open calls is drawn behind the data. */
  readonly showsCallers: boolean;
  readonly paint: (plot: uPlot, theme: Theme) => void;
}

/** All charts have the same key, so that their cursors and zoom are synchronised. */
const SYNC = uPlot.sync("run");

/** The allowed steps between labels of the time axis, in ms: whole seconds and minutes. */
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].map((sec) => sec * 1000);

const FONT = "12px system-ui, sans-serif";

/** All charts, to be redrawn after a change of size or colours. */
const charts: { readonly plot: uPlot; readonly host: HTMLElement; readonly heightPx: number }[] = [];

/** Draws a chart into its host element. */
export function drawChart(spec: ChartSpec): uPlot {
  const { data, heightPx, host, y } = spec;
  // No Math.max(...values): there may be more values than a function takes arguments.
  const callersMax = data.callers.values.reduce((most, up) => Math.max(most, up), 1);
  const axis = { stroke: () => theme().muted, font: FONT, ticks: { show: false } };
  const grid = { stroke: () => theme().grid, width: 1 };
  const splits = y.splits === undefined ? {} : { splits: () => [...(y.splits ?? [])] };
  const plot = new uPlot(
    {
      width: host.clientWidth,
      height: heightPx,
      legend: { show: false },
      cursor: { sync: { key: SYNC.key, scales: ["x", null] }, points: { show: false }, drag: { x: true, y: false } },
      scales: {
        x: { time: false, range: (_, min, max) => [min ?? 0, max ?? data.lengthMs] },
        y: { range: () => [y.splits === undefined ? 0 : -0.5, y.max] },
        callers: { range: () => [0, callersMax * 1.15] },
      },
      axes: [
        { ...axis, grid, values: (_, values) => values.map(clockText), space: 70, incrs: TIME_STEPS },
        { ...axis, grid, ...splits, values: (_, values) => values.map(y.text), size: y.size },
        {
          ...axis,
          show: spec.showsCallers,
          side: 1,
          scale: "callers",
          size: 44,
          grid: { show: false },
          values: (_, values) => values.map((value) => (Number.isInteger(value) ? String(value) : "")),
        },
      ],
      // The data begins and ends with the x of the whole run, so that all charts share one axis whatever points they
      // hold.
      series: [{}, { show: true, scale: "y", paths: () => null, points: { show: false } }],
      hooks: {
        drawAxes: [(drawn) => spec.showsCallers && paintCallers(drawn, data, theme())],
        draw: [(drawn) => clipped(drawn, () => spec.paint(drawn, theme()))],
      },
    },
    [
      [0, ...spec.atMs, data.lengthMs],
      [null, ...spec.atMs.map(() => null), null],
    ],
    host,
  );
  charts.push({ plot, host, heightPx });
  return plot;
}

/** Draws every chart again, at the present width of its host. */
export function redrawCharts(): void {
  for (const { plot, host, heightPx } of charts) {
    if (plot.width !== host.clientWidth) plot.setSize({ width: host.clientWidth, height: heightPx });
    else plot.redraw(false, true);
  }
}

/** Sets the time axis of all charts to the whole run. */
export function resetZoom(data: PageData): void {
  for (const { plot } of charts) plot.setScale("x", { min: 0, max: data.lengthMs });
}

function clipped(plot: uPlot, paint: () => void): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  paint();
  ctx.restore();
}

/** Draws the number of open calls as a filled step line. */
function paintCallers(plot: uPlot, { callers }: PageData, { callers: colour }: Theme): void {
  clipped(plot, () => {
    const { ctx, bbox } = plot;
    const bottom = bbox.top + bbox.height;
    ctx.beginPath();
    let y = bottom;
    for (const [index, atMs] of callers.atMs.entries()) {
      const x = plot.valToPos(atMs, "x", true);
      if (index === 0) ctx.moveTo(x, bottom);
      ctx.lineTo(x, y);
      y = plot.valToPos(callers.values[index] ?? 0, "callers", true);
      ctx.lineTo(x, y);
    }
    ctx.lineTo(plot.valToPos(callers.atMs.at(-1) ?? 0, "x", true), bottom);
    ctx.fillStyle = colour;
    ctx.fill();
  });
}

/** Draws a dashed horizontal line with a label at its right end; `value` is on the y axis. */
export function paintLimit(plot: uPlot, value: number, label: string, colour: string): void {
  const { ctx, bbox } = plot;
  const y = plot.valToPos(value, "y", true);
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = "right";
  ctx.fillText(label, bbox.left + bbox.width - 4 * devicePixelRatio, y - 4 * devicePixelRatio);
  ctx.restore();
}
