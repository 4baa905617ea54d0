/** Writes `junit.xml` of a search: one test case for the answer, and one for each run. */

import { junitSuites, type TestCase } from "../readers/junit_suites.ts";
import type { CapacityResult, Probe } from "./probe.ts";
import { brokenChecks, checkText, loadText, outcomeText } from "./probe_text.ts";
import { decidingProbes, decisionOf } from "./search_decision.ts";

/**
 * Writes the test suites. The answer fails where the search does not end with exit code 0; a run fails only if it shows that the
 * agent does not carry what was wanted. All runs but the two that decide are skipped.
 */
export function capacityJunit(result: CapacityResult): string {
  const { broke, held } = decidingProbes(result);
  const failing = decisionOf(result) === "no" ? broke : null;
  return junitSuites([
    { name: "capacity", cases: [answerCase(result)] },
    { name: "runs", cases: result.probes.map((probe) => probeCase(probe, result, { held, failing })) },
  ]);
}

function answerCase({ answer, exitCode, explanations, of, sentence, wanted }: CapacityResult): TestCase {
  const load = wanted ?? answer;
  const carried = load === null || load === 0 ? "a load that meets the targets" : loadText(load, of);
  const isEnough = answer !== null && answer > 0 && (wanted === null || answer >= wanted);
  const problem = isEnough && exitCode === 0 ? null : [sentence, ...explanations].join("\n");
  return { name: `the agent carries ${carried}`, problem, skipped: null };
}

/** The runs that are not skipped: the one that shows the answer, and the one that shows that it is too small. */
interface Deciding {
  readonly held: Probe | null;
  readonly failing: Probe | null;
}

function probeCase(probe: Probe, { of }: CapacityResult, { failing, held }: Deciding): TestCase {
  const name = `${loadText(probe.load, of)}, ${probe.purpose} (${probe.folder})`;
  if (probe === held) return { name, problem: null, skipped: null };
  const message = [outcomeText(probe), ...brokenChecks(probe).map(checkText), ...probe.reasons];
  if (probe === failing) return { name, problem: message.join("\n"), skipped: null };
  return { name, problem: null, skipped: `does not decide: ${message.join("; ")}` };
}
