/**
 * Writes `junit.xml` for CI systems: one test case for each threshold expression of each tier, and one for the
 * verdict.
 */

import type { RunSummary } from "../../lib/report/run_summary.ts";
import { TIERS, type Tier } from "../../lib/settings/thresholds.ts";
import { type GateRow, gateRows } from "./gate_rows.ts";
import { junitSuites, type TestCase } from "./junit_suites.ts";

/** Writes the test suites. Only the verdict and the tier that gates can fail; cases of other tiers are skipped. */
export function junitXml(run: RunSummary): string {
  const rows = gateRows(run);
  const verdict = {
    name: `the run is ${run.verdict}`,
    problem: run.verdict === "PASS" ? null : run.reasons.join("\n"),
    skipped: null,
  };
  const tiers = TIERS.map((tier) => ({
    name: tierName(tier, run),
    cases: rows.filter((row) => row.tier === tier).map(testCase),
  }));
  return junitSuites([{ name: "verdict", cases: [verdict] }, ...tiers]);
}

function tierName(tier: Tier, { settings }: RunSummary): string {
  return tier === settings.GATE ? `${tier} (gates)` : tier;
}

function testCase({ decides, expression, grade, measured, series }: GateRow): TestCase {
  const name = `${series} ${expression}`;
  const message = `${series} is ${measured}; wanted ${expression}`;
  if (grade === "pass") return { name, problem: null, skipped: null };
  if (decides) return { name, problem: message, skipped: null };
  return { name, problem: null, skipped: `does not gate: ${message}` };
}
