/**
 * Writes `junit.xml` for CI systems: one test case for each threshold expression of each tier, and one for the
 * verdict.
 */

import type { RunSummary } from "../../lib/report/run_summary.ts";
import { TIERS, type Tier } from "../../lib/settings/thresholds.ts";
import { type GateRow, gateRows } from "./gate_rows.ts";
import { escapeMarkup } from "./html_table.ts";

/** Writes the test suites. Only the verdict and the tier that gates can fail; cases of other tiers are skipped. */
export function junitXml(run: RunSummary): string {
  const rows = gateRows(run);
  const verdict = suite("verdict", [
    {
      name: `the run is ${run.verdict}`,
      problem: run.verdict === "PASS" ? null : run.reasons.join("\n"),
      skipped: null,
    },
  ]);
  const tiers = TIERS.map((tier) => suite(tierName(tier, run), rows.filter((row) => row.tier === tier).map(testCase)));
  return ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", verdict, ...tiers, "</testsuites>", ""].join("\n");
}

interface TestCase {
  readonly name: string;
  /** The failure message; null when the case does not fail. */
  readonly problem: string | null;
  /** Why the case is skipped; null when it is not. */
  readonly skipped: string | null;
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

function suite(name: string, cases: readonly TestCase[]): string {
  const failures = cases.filter(({ problem }) => problem !== null).length;
  const skipped = cases.filter(({ skipped: why }) => why !== null).length;
  const lines = cases.map(({ name: caseName, problem, skipped: why }) => {
    const open = `    <testcase classname="${escapeMarkup(name)}" name="${escapeMarkup(caseName)}"`;
    if (problem !== null) {
      const [first = ""] = problem.split("\n");
      return `${open}><failure message="${escapeMarkup(first)}">${escapeMarkup(problem)}</failure></testcase>`;
    }
    return why === null ? `${open}/>` : `${open}><skipped message="${escapeMarkup(why)}"/></testcase>`;
  });
  const head = `  <testsuite name="${escapeMarkup(name)}" tests="${cases.length}" failures="${failures}" skipped="${skipped}">`;
  return [head, ...lines, "  </testsuite>"].join("\n");
}
