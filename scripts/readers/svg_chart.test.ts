import { expect, test } from "vitest";

import { axisTicks, type Chart, type ChartPoint, lineChart } from "./svg_chart.ts";

test.each([
  [7, [0, 2, 4, 6, 8]],
  [200, [0, 50, 100, 150, 200]],
  [0.96, [0, 0.2, 0.4, 0.6, 0.8, 1]],
])("an axis up to %d has the marks %j", (max, ticks) => {
  expect(axisTicks(max)).toEqual(ticks);
});

test("an axis that does not begin at 0 has round marks around its values", () => {
  expect(axisTicks(1180, 430)).toEqual([400, 600, 800, 1000, 1200]);
});

test("a point that has a label is a mark that leads to its page, and what comes from outside is escaped", () => {
  const points = [
    { x: 10, y: 900, label: "10 callers: <held>", href: "a/report.html" },
    { x: 20, y: 2400, label: "20 callers", isFailed: true },
  ];
  const svg = lineChart({ title: "ttfb & load", xLabel: "callers", yLabel: "ms", lines: [{ name: "P95", points }] });
  expect(svg).toContain('aria-label="ttfb &amp; load"');
  expect(svg).toMatch(/<a href="a\/report\.html"><circle [^>]*><title>10 callers: &lt;held&gt;<\/title>/);
  expect(svg).toMatch(/<g><path class="failed" [^>]*><title>20 callers<\/title>/);
});

test("a limit above all points is inside the chart", () => {
  const svg = lineChart({
    title: "t",
    xLabel: "x",
    yLabel: "y",
    lines: [{ name: "P95", points: [{ x: 1, y: 100 }] }],
    limits: [{ y: 2000, label: "target" }],
  });
  const y = Number(/<path class="limit" d="M\d+ (-?[\d.]+)H/.exec(svg)?.[1]);
  expect(y).toBeGreaterThan(28);
  expect(y).toBeLessThan(216);
});

/** A chart of one line. */
function chartOf(points: readonly ChartPoint[], more: Partial<Chart> = {}): string {
  return lineChart({ title: "t", xLabel: "x", yLabel: "y", lines: [{ name: "P95", points }], ...more });
}

/** Where the line of a chart goes through: pairs of x and y in the units of the chart. */
function pathOf(svg: string): number[][] {
  const path = /<g class="line0"><svg [^>]*><path class="line" d="([^"]*)"/.exec(svg)?.[1] ?? "";
  return path.split(/[ML]/).flatMap((pair) => (pair === "" ? [] : [pair.split(" ").map(Number)]));
}

test("a chart with links is a group, so that each link can be reached; another one is an image", () => {
  expect(chartOf([{ x: 1, y: 1, label: "one", href: "one.html" }])).toMatch(/^<svg [^>]*role="group"/);
  expect(chartOf([{ x: 1, y: 1, label: "one" }])).toMatch(/^<svg [^>]*role="img"/);
});

test("a line leaves out a point off the line, which keeps its mark", () => {
  const svg = chartOf([
    { x: 1, y: 1, label: "first" },
    { x: 2, y: 5, label: "aside", isOffLine: true, isUncertain: true },
    { x: 2, y: 2, label: "last" },
  ]);
  expect(pathOf(svg)).toHaveLength(2);
  expect(svg).toMatch(/<circle class="ring" [^>]*><title>aside</);
});

test("a mark above the end of the axis stands at the upper edge, with its value where there is room", () => {
  const points = [1, 90, 91].map((x) => ({ x, y: 50 * x, label: `at ${x}` }));
  const svg = chartOf(points, { yMax: 100 });
  const [, edge] = /<path class="grid" d="M\d+ ([\d.]+)H\d+"\/>(?!\n<path class="grid")/.exec(svg) ?? [];
  expect(svg).toMatch(
    new RegExp(`<circle cx="[\\d.]+" cy="${edge}" r="4"/><title>at 90<.*>↑</text><text [^>]*>4,500<`),
  );
  expect(svg).toMatch(/<title>at 91<[^\n]*>↑<\/text><text [^>]*><\/text>/);
  expect(svg).toMatch(/<title>at 1<\/title><circle class="reach"[^>]*\/><\/g>/);
});

test("an axis of x may begin above 0, and what is beyond its end is not drawn", () => {
  const svg = chartOf(
    [400, 600, 2000].map((x) => ({ x, y: 1 })),
    { xMin: 400, xMax: 900 },
  );
  expect(pathOf(svg).map(([x]) => x)).toEqual([64, 316.8]);
  expect(svg).toContain('<text x="64" y="254" text-anchor="middle">400</text>');
});

test.each([[{ x: 0.25, y: 1 }], [{ x: 0, y: 0 }]])("a chart of the single point %j has a place for it", (point) => {
  const svg = chartOf([{ ...point, label: "p" }], { xMin: point.x, xMax: point.x });
  expect(svg).not.toMatch(/NaN|Infinity/);
  expect(pathOf(svg)).toHaveLength(1);
});

test("the names of limits that are close to each other stand side by side", () => {
  const limits = [2000, 1990, 500].map((y) => ({ y, label: `limit ${y}` }));
  const svg = chartOf([{ x: 1, y: 100 }], { limits });
  const xOf = (y: number) => Number(new RegExp(`<text x="(\\d+)" [^>]*>limit ${y}<`).exec(svg)?.[1]);
  expect(xOf(1990) - xOf(2000)).toBe(200);
  expect(xOf(500)).toBe(xOf(2000));
});

test("the name of a vertical line stays inside the chart", () => {
  const svg = chartOf([{ x: 10, y: 1 }], { vertical: { x: 10, label: "an answer with a long name" } });
  const middle = Number(/<text x="([\d.]+)" [^>]*>an answer/.exec(svg)?.[1]);
  expect(svg).toContain('<path class="vertical" d="M696 ');
  expect(middle).toBeLessThan(696 - 60);
});
