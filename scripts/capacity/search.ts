/**
 * The search for the largest load that meets the targets: a pure function from the probes so far to the next probe, or to the end.
 *
 * - It grows (doubles) while the load holds, and halves the ratio between the largest load that holds and the smallest one that does
 *   not, until they are near to each other. An uncertain probe steers it by what was measured.
 * - Then all runs are long ones, made for an answer: the load that is expected to hold is confirmed, and the next step above it. The
 *   samples of all runs of a load add up.
 * - A confirmation that breaks a load which held for certain shows that something grows bad with time. From then on the search goes
 *   down by confirmations only, as what short runs have shown counts no more.
 */

import { type Bracket, bracketOf, type Evidence, type KnownLoad, knownLoads, LONG } from "./evidence.ts";
import {
  aim,
  doubled,
  inside,
  isWithin,
  lower,
  nearestMultiple,
  type SearchLimits,
  SHRINK,
  STEP,
  STEP_BELOW_DOUBT,
} from "./loads.ts";
import type { ProbePurpose, SearchEnd } from "./probe.ts";

/** A probe that is to be run. */
export interface PlannedProbe {
  readonly load: number;
  readonly purpose: ProbePurpose;
  /** How long it is judged, in lengths of an ordinary probe of this load. */
  readonly length: number;
  /** The indices of the probes of the same load to whose samples its own are added. */
  readonly pooledWith: readonly number[];
}

/** The next probe, or how the search has ended. */
export type NextStep = { readonly probe: PlannedProbe } | { readonly end: SearchEnd };

/** How long a probe takes, in s, from its start to that of the next one. */
export type TimeOf = (probe: Pick<PlannedProbe, "length" | "load">) => number;

/** What the next step depends on. */
export interface SearchState {
  readonly limits: SearchLimits;
  readonly probes: readonly Evidence[];
  /** What is left of the budget, in s. */
  readonly leftSec: number;
  readonly timeOf: TimeOf;
}

/** A probe, before it is known which samples it adds to. */
type Wanted = Omit<PlannedProbe, "pooledWith">;

/** Two loads whose ratio is at most this are near to each other. */
const NEAR = 1.2;

/** A confirmation is made where so much of the share that is allowed is expected: at the limit itself it would stay uncertain. */
const AIM = 0.85;

/** Returns the next step of a search. A probe is returned only if it and the confirmation that may follow it end in time. */
export function nextStep({ leftSec, limits, probes, timeOf }: SearchState): NextStep {
  const known = knownLoads(probes);
  const bracket = bracketOf(known);
  const again = known.find(({ state }) => state === "again");
  const wanted = again === undefined ? wantedStep(bracket, limits) : runAgain(again, probes);
  if (typeof wanted === "string") return { end: wanted };
  const pooled = (probe: Wanted) => ({ probe: { ...probe, pooledWith: samplesFor(probe, probes, bracket) } });
  if (neededSec(wanted, timeOf) <= leftSec) return pooled(wanted);
  // Not enough time for more: what is known is confirmed, if there is time for that.
  const { answer, contradictions } = bracket;
  const last = answer !== null && !answer.isConfirmed && contradictions === 0 ? confirmationOf(answer.load) : null;
  if (last !== null && timeOf(last) <= leftSec) return pooled(last);
  return { end: isAnswered(bracket, limits) ? endAt(bracket.high) : "budget" };
}

/** The time for a probe and the confirmation that may follow it, in s. */
function neededSec(probe: Wanted, timeOf: TimeOf): number {
  return timeOf(probe) + (probe.purpose === "confirm" ? 0 : timeOf(confirmationOf(probe.load)));
}

/** The step that the search would take with any amount of time. */
function wantedStep(bracket: Bracket, limits: SearchLimits): Wanted | SearchEnd {
  const { contradictions, high, low } = bracket;
  if (low === null) return contradictions > 0 ? stepDown(high, limits) : stepToFirst(high, limits);
  if (high === null) {
    if (low.load < limits.max) return ordinary(doubled(low.load, limits), "grow");
    return low.isConfirmed ? "max" : confirmationOf(low.load);
  }
  if (!isWithinStep(low, high, limits)) return stepBetween(low, high, bracket, limits);
  if (high.state === "leansToBreak" && contradictions === 0) return extensionOf(high);
  if (!low.isConfirmed) return confirmationOf(low.load);
  return high.canBeExtended ? confirmationOf(high.load) : endAt(high);
}

/** While no load holds: the first one, then much smaller ones. */
function stepToFirst(high: KnownLoad | null, limits: SearchLimits): Wanted | SearchEnd {
  if (high === null) return ordinary(limits.start, "grow");
  if (high.load > limits.unit) return ordinary(nearestMultiple(high.load / SHRINK, limits.unit), "narrow");
  if (high.state === "leansToBreak") return extensionOf(high);
  return high.state === "generator" ? "generator" : "none";
}

/** After a confirmation that contradicted a probe, while none holds. */
function stepDown(high: KnownLoad | null, limits: SearchLimits): Wanted | SearchEnd {
  if (high === null || high.load <= limits.unit) return "none";
  return confirmationOf(lower(high, AIM, STEP, limits));
}

/** Between two loads that are more than a step apart. */
function stepBetween(low: KnownLoad, high: KnownLoad, { contradictions }: Bracket, limits: SearchLimits): Wanted {
  const confirmAt = (load: number) => confirmationOf(inside(load, low, high, limits));
  const isNear = isWithin(low.load, high.load, NEAR);
  if (low.isConfirmed && isNear) return confirmAt(low.load * stepBelow(high));
  if (contradictions > 0) return confirmAt(aim(low, high, AIM));
  if (high.state === "doubtful") return confirmAt(lower(high, AIM, STEP_BELOW_DOUBT, limits));
  if (!isNear) return ordinary(inside(Math.sqrt(low.load * high.load), low, high, limits), "narrow");
  const load = aim(low, high, AIM);
  return isWithin(low.load, load, STEP_BELOW_DOUBT) ? confirmationOf(low.load) : confirmAt(load);
}

/** True where the answer is known to a step: what is left to do would make it more certain only. */
function isAnswered({ high, low }: Bracket, limits: SearchLimits): boolean {
  if (low === null || high === null) return false;
  return low.isConfirmed && high.state === "doubtful" && isWithinStep(low, high, limits);
}

function isWithinStep(low: KnownLoad, high: KnownLoad, { unit }: SearchLimits): boolean {
  return isWithin(low.load, high.load, stepBelow(high)) || high.load - low.load < 1.5 * unit;
}

function stepBelow({ state }: KnownLoad): number {
  return state === "doubtful" ? STEP_BELOW_DOUBT : STEP;
}

function endAt(high: KnownLoad | null): SearchEnd {
  if (high === null) return "max";
  return high.state === "generator" ? "generator" : "agent";
}

/** The last run of a load once more. */
function runAgain({ last, load }: KnownLoad, probes: readonly Evidence[]): Wanted {
  if (last.purpose === "confirm") return confirmationOf(load);
  const isExtension = probes.some((probe) => probe.load === load && probe.outcome === "uncertain");
  return isExtension ? { load, purpose: last.purpose, length: LONG } : ordinary(load, last.purpose);
}

function extensionOf({ load }: KnownLoad): Wanted {
  return { load, purpose: "narrow", length: LONG };
}

function confirmationOf(load: number): Wanted {
  return { load, purpose: "confirm", length: LONG };
}

function ordinary(load: number, purpose: ProbePurpose): Wanted {
  return { load, purpose, length: 1 };
}

/** The probes of a load that could be judged. After a contradiction, what a short run has shown counts no more. */
function samplesFor({ load, purpose }: Wanted, probes: readonly Evidence[], { contradictions }: Bracket): number[] {
  return probes.flatMap((probe, index) => {
    const wasJudged = probe.outcome !== "generator" && probe.outcome !== "interrupted";
    const counts = probe.purpose === "confirm" || purpose !== "confirm" || contradictions === 0;
    return probe.load === load && wasJudged && counts ? [index] : [];
  });
}
