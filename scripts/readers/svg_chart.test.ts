import { expect, test } from "vitest";

import { axisTicks, lineChart } from "./svg_chart.ts";

test.each([
  [7, [0, 2, 4, 6, 8]],
  [200, [0, 50, 100, 150, 200]],
  [0.96, [0, 0.2, 0.4, 0.6, 0.8, 1]],
])("an axis up to %d has the marks %j", (max, ticks) => {
  expect(axisTicks(max)).toEqual(ticks);
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
