/** What a search decides: whether the agent carries what it has to, and which probes show that. */

import type { CapacityResult, Probe } from "./probe.ts";

/** `yes`; `no`, where the agent broke; `open`, where the search could not find out or has not confirmed its answer. */
export type Decision = "yes" | "no" | "open";

/** Whether the agent carries the load that was wanted; without one, whether it carries any. */
export function decisionOf({ answer, brokeAt, end, exitCode, isConfirmed, wanted }: CapacityResult): Decision {
  if (answer === null) return "open";
  if (answer === 0) return end === "generator" ? "open" : "no";
  if (wanted === null) return isConfirmed && exitCode === 0 ? "yes" : "open";
  if (answer >= wanted) return exitCode === 0 ? "yes" : "open";
  return end === "agent" || (brokeAt !== null && brokeAt <= wanted) ? "no" : "open";
}

/** The last probe that held at the answer, and the last one that broke at the smallest load that did; null where there is none. */
export function decidingProbes({ answer, brokeAt, probes }: CapacityResult): {
  readonly held: Probe | null;
  readonly broke: Probe | null;
} {
  return { held: lastOf(probes, answer, "holds"), broke: lastOf(probes, brokeAt, "breaks") };
}

function lastOf(probes: readonly Probe[], atLoad: number | null, end: Probe["outcome"]): Probe | null {
  return probes.filter(({ load, outcome }) => load === atLoad && outcome === end).at(-1) ?? null;
}
