import { expect, test } from "vitest";

import { capacityCharts } from "./capacity_charts.ts";
import type { ProbeValues } from "./probe.ts";
import { syntheticCapacity, syntheticProbe } from "./synthetic_capacity.ts";

const NOTHING: ProbeValues = {
  ttfbP50Ms: null,
  ttfbP95Ms: null,
  bargeP95Ms: null,
  turnSuccess: null,
  throttledShare: null,
};

/** The chart at an index: 0 ttfb, 1 barge, 2 success and throttling. */
function chart(index: number, markup: string): string {
  return markup.split("<h3>")[index + 1] ?? "";
}

/** The number of points of a line. */
function pointsOf(markup: string, line: number): number {
  const path = new RegExp(`<g class="line${line}"><svg [^>]*><path class="line" d="([^"]*)"`).exec(markup)?.[1];
  return path?.match(/[ML]/g)?.length ?? 0;
}

test("each run is a mark that leads to its report: a cross where it broke, a ring where it was uncertain", () => {
  const ttfb = chart(0, capacityCharts(syntheticCapacity("knee")));
  const links = [...ttfb.matchAll(/<a href="([^"]*)"><(\w+) ?(?:class="(\w+)")?.*?<title>([^<]*)</g)];
  expect(links).toHaveLength(9);
  const mark = (folder: string) => links.find((link) => link[1] === `${folder}/report.html`)?.slice(2);
  expect(mark("01_10_callers")).toEqual(["circle", undefined, "10 callers, grow: holds; P95 1050 ms"]);
  expect(mark("03_40_callers")?.slice(0, 2)).toEqual(["path", "failed"]);
  expect(mark("03_40_callers")?.[2]).toMatch(/breaks; P95 2500 ms; ttfb is 2500 ms, wanted p\(95\)&lt;2000$/);
  expect(mark("06_37_callers")?.slice(0, 2)).toEqual(["circle", "ring"]);
});

test("the line goes through the last run of each load", () => {
  const ttfb = chart(0, capacityCharts(syntheticCapacity("knee")));
  expect([pointsOf(ttfb, 0), pointsOf(ttfb, 1)]).toEqual([7, 7]);
});

test("the targets of the gate are lines: those of the drawn values only, each once", () => {
  const changed = syntheticProbe(10, "grow");
  const expressions = ["p(95)<2000", "p(50)<1200", "p(99)<3000"];
  const checks = changed.checks.flatMap((check) =>
    check.series === "ttfb" ? expressions.map((expression) => ({ ...check, expression })) : [check],
  );
  const probes = [{ ...changed, checks }, syntheticProbe(20, "grow")];
  const markup = capacityCharts(syntheticCapacity("knee", { gate: "acceptable", probes }));
  const limits = (index: number) =>
    [...chart(index, markup).matchAll(/class="limit">([^<]*)</g)].map(([, text]) => text);
  expect(limits(0)).toEqual(["acceptable: p(95)&lt;2000", "acceptable: p(50)&lt;1200"]);
  expect(limits(1)).toEqual(["acceptable: p(95)&lt;500"]);
  expect(limits(2)).toEqual(["acceptable: rate&gt;0.95"]);
});

test("a run whose generator was too slow, or that was interrupted, is not drawn", () => {
  const markup = capacityCharts(syntheticCapacity("generator"));
  expect(markup).toContain("140 callers");
  expect(markup).not.toContain("200 callers");
  expect(capacityCharts(syntheticCapacity("interrupted"))).toBe("");
});

test("what was not measured has no mark, and a chart without any says so", () => {
  const probes = [
    syntheticProbe(10, "grow", { values: { ...NOTHING, ttfbP50Ms: 700 } }),
    syntheticProbe(20, "grow", { values: { ...NOTHING, ttfbP50Ms: 800, ttfbP95Ms: 1500 } }),
  ];
  const markup = capacityCharts(syntheticCapacity("knee", { probes }));
  expect([pointsOf(chart(0, markup), 0), pointsOf(chart(0, markup), 1)]).toEqual([1, 2]);
  expect([1, 2].map((index) => chart(index, markup).includes("No data."))).toEqual([true, true]);
  expect(capacityCharts(syntheticCapacity("none"))).toBe("");
});

test("waits until the deadline do not flatten the rest: the axis is cut off at three times the target", () => {
  const probes = [syntheticProbe(10, "grow"), syntheticProbe(80, "grow", { outcome: "breaks", value: 7.5 })];
  const ttfb = chart(0, capacityCharts(syntheticCapacity("knee", { probes })));
  expect(ttfb).toMatch(/>6,000<\/text>/);
  expect(ttfb).not.toMatch(/>7,000<\/text>/);
  expect(ttfb).toMatch(/>15,000<\/text><\/a>/);
});

test("the answer is a vertical line that says whether it is confirmed, in the unit of the search", () => {
  expect(capacityCharts(syntheticCapacity("knee"))).toContain(">answer: 36 callers<");
  const open = capacityCharts(syntheticCapacity("open"));
  expect(open).toContain(">answer, not confirmed: 0.75 calls/s<");
  expect(open).toMatch(/text-anchor="middle">0\.2<\/text>/);
});
