import { expect, test } from "vitest";

import type { CapacityResult } from "./probe.ts";
import { decidingProbes, decisionOf } from "./search_decision.ts";
import { type SyntheticSearch, syntheticCapacity } from "./synthetic_capacity.ts";

test.each<[string, SyntheticSearch, Partial<CapacityResult>, string]>([
  ["a confirmed answer", "knee", {}, "yes"],
  ["an answer that is not confirmed", "knee", { isConfirmed: false }, "open"],
  ["at least what was wanted", "knee", { wanted: 36, isConfirmed: false }, "yes"],
  ["less than what was wanted", "knee", { wanted: 40, exitCode: 99 }, "no"],
  ["a generator that ends below what was wanted", "generator", { wanted: 200, exitCode: 99 }, "open"],
  [
    "a budget that ends below what was wanted",
    "knee",
    { wanted: 37, end: "budget", brokeAt: 40, exitCode: 99 },
    "open",
  ],
  ["a budget that ends after what was wanted broke", "knee", { wanted: 41, end: "budget", exitCode: 99 }, "no"],
  ["no load that holds", "none", {}, "no"],
  ["a generator that is too slow for the smallest load", "none", { end: "generator" }, "open"],
  ["nothing measured", "interrupted", {}, "open"],
  ["an interrupted search with an answer", "knee", { end: "interrupted", exitCode: 105 }, "open"],
])("%s of a search (%s, %j) means: %s", (_, search, changes, decision) => {
  expect(decisionOf(syntheticCapacity(search, changes))).toBe(decision);
});

test("the last run at the answer and the last one that broke decide", () => {
  const { broke, held } = decidingProbes(syntheticCapacity("knee"));
  expect([held?.purpose, broke?.folder]).toEqual(["confirm", "07_37_callers"]);
  expect(decidingProbes(syntheticCapacity("interrupted"))).toEqual({ held: null, broke: null });
});
