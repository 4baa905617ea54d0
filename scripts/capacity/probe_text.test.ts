import { expect, test } from "vitest";

import type { Check } from "./probe.ts";
import {
  brokenChecks,
  checkText,
  countsText,
  loadText,
  measuredText,
  msNumber,
  percentNumber,
  reportHref,
} from "./probe_text.ts";
import { syntheticProbe } from "./synthetic_capacity.ts";

const check = (changes: Partial<Check>): Check => ({
  series: "ttfb",
  expression: "p(95)<2000",
  measured: 2310,
  samples: 100,
  share: null,
  isOfSecondHalf: false,
  outcome: "breaks",
  ...changes,
});

test.each([
  [1, "users", "1 caller"],
  [38, "users", "38 callers"],
  [1, "calls_per_sec", "1 calls/s"],
  [0.25, "calls_per_sec", "0.25 calls/s"],
  [0.1 + 0.2, "calls_per_sec", "0.3 calls/s"],
] as const)("a load of %d %s reads %s", (load, of, text) => {
  expect(loadText(load, of)).toBe(text);
});

test("no data is a dash, and a share that is nearly 0 or 1 does not read as 0 or 100", () => {
  expect([msNumber(null), percentNumber(null)]).toEqual(["-", "-"]);
  expect([0, 0.0004, 0.0005, 0.5, 0.9994, 0.9996, 1].map(percentNumber)).toEqual([
    "0.0",
    "<0.1",
    "0.1",
    "50.0",
    "99.9",
    ">99.9",
    "100.0",
  ]);
});

test("a measured value has as many decimals as tell it from its limit", () => {
  const rate = { series: "turn_success", expression: "rate>0.95" };
  expect(measuredText(check({}))).toBe("2310 ms");
  expect(measuredText(check({ measured: 2000.04 }))).toBe("2000.04 ms");
  expect(measuredText(check({ measured: 2000 }))).toBe("2000 ms");
  expect(measuredText(check({ ...rate, measured: 0.9496 }))).toBe("94.96 %");
  expect(measuredText(check({ ...rate, measured: 0.95 }))).toBe("95.0 %");
  expect(measuredText(check({ measured: null }))).toBe("no data");
});

test("a check says of which part of the run it is, and that it is uncertain", () => {
  expect(checkText(check({ isOfSecondHalf: true }))).toBe("ttfb of the second half is 2310 ms, wanted p(95)<2000");
  expect(checkText(check({ outcome: "uncertain" }))).toBe("ttfb is 2310 ms (uncertain), wanted p(95)<2000");
});

test("a run whose generator was too slow has no checks that broke", () => {
  const checks = [check({}), check({ outcome: "holds" })];
  expect(brokenChecks(syntheticProbe(1, "grow", { checks }))).toHaveLength(1);
  expect(brokenChecks(syntheticProbe(1, "grow", { checks, outcome: "generator" }))).toEqual([]);
});

test.each([
  ["a b/100%", "a%20b/100%25/report.html"],
  ["12:30#x?y", "12%3A30%23x%3Fy/report.html"],
  ["../elsewhere", "../elsewhere/report.html"],
])("the folder %s is linked as %s", (folder, href) => {
  expect(reportHref(syntheticProbe(1, "grow", { folder }))).toBe(href);
});

test("counts of nothing are a dash", () => {
  expect(countsText({ refused: 3, closed: 1, rejected: 0 })).toBe("refused 3, closed 1");
  expect([countsText({}), countsText({ refused: 0 })]).toEqual(["-", "-"]);
});
