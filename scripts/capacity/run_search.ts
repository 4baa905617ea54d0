/** Makes the probes of a search one after the other, and writes after each what is known. */

import { setTimeout as delay } from "node:timers/promises";

import { bracketOf, evidenceOf, knownLoads } from "./evidence.ts";
import { loadText } from "./explain.ts";
import { forecast } from "./forecast.ts";
import type { Probe, ProbeOutcome, SearchEnd } from "./probe.ts";
import { nextStep, type PlannedProbe, type SearchLimits, type SearchState } from "./search.ts";
import { measuredPace, type Pace, runLoad, tookSec } from "./timing.ts";

/** What a search is made of. */
export interface SearchParts {
  readonly limits: SearchLimits;
  readonly budgetSec: number;
  readonly pace: Pace;
  /** The probes of a search that is resumed. */
  readonly probes: readonly Probe[];
  /** Makes a probe; null where its run could not be started. */
  probe(planned: PlannedProbe, pace: Pace, before: readonly Probe[]): Promise<Probe | null>;
  /** Called after each probe, and at the end. */
  onProgress(state: SearchOutcome): Promise<void>;
  /** Prints a line. */
  print(line: string): void;
  /** Aborted when the user interrupts the search. */
  readonly signal: AbortSignal;
}

/** What is known of a search, by now or at its end. */
export interface SearchOutcome {
  readonly end: SearchEnd;
  readonly answer: number | null;
  readonly isConfirmed: boolean;
  readonly brokeAt: number | null;
  readonly probes: readonly Probe[];
}

const OUTCOMES: Readonly<Record<ProbeOutcome, string>> = {
  holds: "holds",
  breaks: "breaks",
  uncertain: "uncertain: too near to a limit for its number of turns",
  generator: "INVALID: this machine was too slow",
  interrupted: "interrupted",
};

/** Searches; resolves with what was found, or null where a run could not be started. */
export async function runSearch(parts: SearchParts): Promise<SearchOutcome | null> {
  const { budgetSec, limits, onProgress, print, signal } = parts;
  const probes: Probe[] = [...parts.probes];
  for (;;) {
    const pace = measuredPace(parts.pace, probes);
    const leftSec = probes.reduce((left, probe) => left - probe.tookSec - pace.coolDownSec, budgetSec);
    const state: SearchState = {
      limits,
      leftSec,
      probes: probes.map(evidenceOf),
      timeOf: (probe) => tookSec(probe, pace),
    };
    if (probes.length === parts.probes.length) print(planText(state, budgetSec));
    const step = nextStep(state);
    if ("end" in step || signal.aborted) {
      const outcome = outcomeOfSearch(probes, "end" in step ? step.end : "interrupted");
      await onProgress(outcome);
      return outcome;
    }
    const { load, purpose } = step.probe;
    const { timeSec } = runLoad(step.probe, pace);
    print(`probe ${probes.length + 1}: ${loadText(load, pace.of)} for ${timeSec} s (${purpose})`);
    const probe = await parts.probe(step.probe, pace, probes);
    if (probe === null) return null;
    probes.push(probe);
    print(probeText(probe, pace));
    const isInterrupted = probe.outcome === "interrupted" || signal.aborted;
    await onProgress(outcomeOfSearch(probes, "interrupted"));
    if (isInterrupted) return outcomeOfSearch(probes, "interrupted");
    await delay(pace.coolDownSec * 1000, undefined, { signal }).catch(() => {});
  }
}

/** What the probes show. */
export function outcomeOfSearch(probes: readonly Probe[], end: SearchEnd): SearchOutcome {
  const { answer, high } = bracketOf(knownLoads(probes.map(evidenceOf)));
  const judged = probes.some(({ outcome }) => outcome !== "generator" && outcome !== "interrupted");
  const brokeAt = high === null || high.state === "generator" ? null : high.load;
  return {
    end,
    answer: answer?.load ?? (judged ? 0 : null),
    isConfirmed: answer?.isConfirmed ?? false,
    brokeAt,
    probes,
  };
}

/** Uncertain runs, which a forecast cannot know of, double the number of runs. */
const WITH_UNCERTAIN = 2;

function planText(state: SearchState, budgetSec: number): string {
  const { runs, sec } = forecast(state);
  const minutes = (of: number) => Math.max(1, Math.round(of / 60));
  const most = Math.min(WITH_UNCERTAIN * sec, budgetSec);
  return `about ${runs} to ${WITH_UNCERTAIN * runs} runs, ${minutes(sec)} to ${minutes(most)} minutes`;
}

function probeText({ load, outcome, turns, values }: Probe, { of }: Pace): string {
  const ms = (value: number | null) => (value === null ? "-" : `${Math.round(value)} ms`);
  const times = `ttfb P95 ${ms(values.ttfbP95Ms)}, barge P95 ${ms(values.bargeP95Ms)}`;
  return `  ${loadText(load, of)}: ${OUTCOMES[outcome]}  (${turns} turns, ${times})`;
}
