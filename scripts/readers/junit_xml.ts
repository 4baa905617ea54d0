/** `junit.xml`: a test case for each expression of each tier, and one for the verdict, as CI systems show them. */

import type { Run } from "../../lib/report/summary.ts";
import { TIERS, type Tier } from "../../lib/settings/thresholds.ts";
import { type GateRow, gateRows } from "./gate_rows.ts";
import { escaped } from "./html_table.ts";

/** Writes the suites. Only the tier that decides and the verdict can fail; the other tiers inform. */
export function junitXml(run: Run): string {
  const rows = gateRows(run);
  const verdict = suite("verdict", [
    {
      name: `the run is ${run.verdict}`,
      problem: run.verdict === "PASS" ? null : run.reasons.join("\n"),
      skipped: null,
    },
  ]);
  const tiers = TIERS.map((tier) => suite(tierName(tier, run), rows.filter((row) => row.tier === tier).map(caseOf)));
  return ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", verdict, ...tiers, "</testsuites>", ""].join("\n");
}

interface Case {
  readonly name: string;
  readonly problem: string | null;
  readonly skipped: string | null;
}

function tierName(tier: Tier, { settings }: Run): string {
  return tier === settings.GATE ? `${tier} (gates)` : tier;
}

function caseOf({ decides, expression, grade, measured, series }: GateRow): Case {
  const name = `${series} ${expression}`;
  const words = `${series} is ${measured}; wanted ${expression}`;
  if (grade === "pass") return { name, problem: null, skipped: null };
  if (decides) return { name, problem: words, skipped: null };
  return { name, problem: null, skipped: `does not gate: ${words}` };
}

function suite(name: string, cases: readonly Case[]): string {
  const failures = cases.filter(({ problem }) => problem !== null).length;
  const skipped = cases.filter(({ skipped: why }) => why !== null).length;
  const lines = cases.map(({ name: caseName, problem, skipped: why }) => {
    const open = `    <testcase classname="${escaped(name)}" name="${escaped(caseName)}"`;
    if (problem !== null) {
      const [first = ""] = problem.split("\n");
      return `${open}><failure message="${escaped(first)}">${escaped(problem)}</failure></testcase>`;
    }
    return why === null ? `${open}/>` : `${open}><skipped message="${escaped(why)}"/></testcase>`;
  });
  const head = `  <testsuite name="${escaped(name)}" tests="${cases.length}" failures="${failures}" skipped="${skipped}">`;
  return [head, ...lines, "  </testsuite>"].join("\n");
}
