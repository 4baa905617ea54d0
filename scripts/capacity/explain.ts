/** Says what a search found: the answer in one sentence, and what explains it. */

import { quotaRemarks } from "../../lib/settings/quotas.ts";
import type { Settings } from "../../lib/settings/settings.ts";
import type { ScenarioName } from "../../lib/wire/wires.ts";
import type { Check, Probe, SearchEnd } from "./probe.ts";

/** What is known when a search has ended. */
export interface Findings {
  readonly scenario: ScenarioName;
  readonly of: "users" | "calls_per_sec";
  readonly gate: string;
  readonly end: SearchEnd;
  readonly answer: number | null;
  readonly isConfirmed: boolean;
  readonly brokeAt: number | null;
  readonly wanted: number | null;
  readonly probes: readonly Probe[];
  /** Those of the runs. */
  readonly settings: Settings;
}

/** A load with its unit: `40 callers`, `1.5 calls per second`. */
export function loadText(load: number, of: Findings["of"]): string {
  if (of === "users") return load === 1 ? "1 caller" : `${load} callers`;
  return `${load} calls per second`;
}

/** The answer in one sentence. */
export function answerSentence(findings: Findings): string {
  const { answer, brokeAt, end, gate, isConfirmed, of } = findings;
  const broke =
    brokeAt === null ? "" : `; at ${loadText(brokeAt, of)} the ${gate} tier breaks: ${brokenText(findings)}`;
  if (answer === null)
    return `Nothing was measured${end === "generator" ? ": this machine was too slow for every run" : ""}.`;
  if (answer === 0) return `The agent does not meet the ${gate} tier with any load that was tried${broke}.`;
  const carries = loadText(answer, of);
  const certain = isConfirmed ? "" : ", which no longer run has confirmed";
  switch (end) {
    case "generator":
      return `The agent carries at least ${carries}${certain}; this machine holds no more.`;
    case "max":
      return `The agent carries ${carries}${certain}, the most that was tried.`;
    case "budget":
      return `The agent carries at least ${carries}${certain}; the time was used up before more was known${broke}.`;
    case "interrupted":
      return `The agent carries at least ${carries}${certain}; the search was interrupted${broke}.`;
    default:
      return `The agent carries ${carries}${certain}${broke}.`;
  }
}

/** What explains the answer: what broke, which stage grew, who throttled, which calls failed, which quota is known. */
export function explanationsOf(findings: Findings): readonly string[] {
  const { answer, brokeAt, of, probes, scenario, settings, wanted } = findings;
  const held = probes.filter(({ load, outcome }) => load === answer && outcome === "holds").at(-1);
  const broke = brokenProbe(findings);
  const tooSlow = probes.filter(({ outcome }) => outcome === "generator");
  const quotaLoad = { ...settings, [of === "users" ? "USERS" : "CALLS_PER_SEC"]: brokeAt ?? answer ?? 0 };
  return [
    ...(wanted !== null && (answer ?? 0) < wanted ? [`wanted were ${loadText(wanted, of)}`] : []),
    ...(held && broke ? stageGrowth(held, broke, of) : []),
    ...(broke ? countsText(broke, of) : []),
    ...tooSlow
      .slice(-1)
      .map(({ load, reasons }) => `${loadText(load, of)}, INVALID: ${reasons[0] ?? "no reason is known"}`),
    ...quotaRemarks(quotaLoad, scenario).map((remark) => `a quota that is known: ${remark}`),
  ];
}

function brokenProbe({ brokeAt, probes }: Findings): Probe | undefined {
  return probes.filter(({ load, outcome }) => load === brokeAt && outcome !== "generator").at(-1);
}

/** The expressions that broke at the smallest load that did. */
function brokenText(findings: Findings): string {
  const probe = brokenProbe(findings);
  if (probe?.turns === 0) return "no turn was measured";
  const broken = (probe?.checks ?? []).filter(({ outcome }) => outcome !== "holds");
  return broken.map(checkText).join(", ");
}

function checkText({ expression, isOfSecondHalf, measured, outcome, series }: Check): string {
  const isRate = expression.startsWith("rate");
  const value =
    measured === null ? "nothing" : isRate ? `${(measured * 100).toFixed(1)} %` : `${Math.round(measured)} ms`;
  const half = isOfSecondHalf ? " in the second half of the longer run" : "";
  return `${series} is ${value}${half}, wanted ${expression}${outcome === "uncertain" ? " (too near to be sure)" : ""}`;
}

/** Which stage of the time to first audio grew from the largest load that held to the smallest that broke. */
function stageGrowth(held: Probe, broke: Probe, of: Findings["of"]): readonly string[] {
  const grown = Object.entries(broke.stages).map(([name, ms]) => [name, ms - (held.stages[name] ?? 0)] as const);
  const totalMs = grown.reduce((sum, [, ms]) => sum + ms, 0);
  if (totalMs <= 0) return [];
  const shares = grown
    .filter(([, ms]) => ms > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([name, ms]) => `${name} ${Math.round((100 * ms) / totalMs)} %`);
  const from = `from ${loadText(held.load, of)} to ${loadText(broke.load, of)}`;
  return [`the mean time to first audio grew by ${Math.round(totalMs)} ms ${from}: ${shares.join(", ")}`];
}

function countsText({ failedCalls, failedTurns, load, throttled }: Probe, of: Findings["of"]): readonly string[] {
  const listed = (what: string, counts: Readonly<Record<string, number>>) => {
    const texts = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
    return texts.length === 0 ? [] : [`${what} at ${loadText(load, of)}: ${texts.join(", ")}`];
  };
  return [
    ...listed("throttled", throttled),
    ...listed("failed calls", failedCalls),
    ...listed("failed turns", failedTurns),
  ];
}
