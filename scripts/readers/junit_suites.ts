/** Writes test suites as JUnit XML, for CI systems. */

import { escapeMarkup } from "./html_table.ts";

/** One test case. */
export interface TestCase {
  readonly name: string;
  /** The failure message; null when the case does not fail. */
  readonly problem: string | null;
  /** Why the case is skipped; null when it is not. */
  readonly skipped: string | null;
}

/** The test cases that belong together. */
export interface TestSuite {
  readonly name: string;
  readonly cases: readonly TestCase[];
}

/** Writes the content of `junit.xml`. */
export function junitSuites(suites: readonly TestSuite[]): string {
  const head = '<?xml version="1.0" encoding="UTF-8"?>';
  return [head, "<testsuites>", ...suites.map(suiteXml), "</testsuites>", ""].join("\n");
}

function suiteXml({ cases, name }: TestSuite): string {
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
