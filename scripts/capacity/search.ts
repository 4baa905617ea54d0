/**
 * The search for the largest load that meets the targets: a pure function from the probes so far to the next probe, or to the end.
 *
 * It grows (doubles) while the load holds, and then halves the ratio between the largest load that holds and the smallest one that
 * does not, until they are within a step. An uncertain probe steers the search by what was measured. Before the answer, both ends are
 * made certain: the upper one by an extension, the lower one by the confirmation, which is longer. Their samples add up with those of
 * the first probe of the load. Where a confirmation breaks a load that held for certain, something grows bad with time: then the
 * search goes down from there by confirmations only.
 */

import { type Bracket, bracketOf, type Evidence, type KnownLoad, knownLoads } from "./evidence.ts";
import type { ProbePurpose, SearchEnd } from "./probe.ts";

/** Two loads whose ratio is at most this are within one step: the smaller one is the answer. */
export const STEP = 1.05;

/** The same below a load that stayed uncertain: the limit may be above it. */
const STEP_BELOW_DOUBT = 1.025;

/** Confirmations and extensions are this many times as long as a probe, and a second confirmation. */
const LONG = 3;
const SECOND = 6;

/** Two loads whose ratio is at most this are near enough to each other to confirm the answer between them. */
const NEAR = 1.2;

/** A confirmation is made where so much of the share that is allowed is expected: at the limit itself it would stay uncertain. */
const AIM = 0.8;

/** By how much the load falls while not even the smallest one holds. */
const SHRINK = 4;

/** The bounds of a search. */
export interface SearchLimits {
  /** The load of the first probe. */
  readonly start: number;
  readonly max: number;
  /** Loads are multiples of this: 1 caller. It is also the smallest load. */
  readonly unit: number;
}

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
  const isOpen = answer !== null && !answer.isConfirmed && contradictions === 0;
  const last = isOpen ? confirmationOf(answer.load) : null;
  return last !== null && timeOf(last) <= leftSec ? pooled(last) : { end: "budget" };
}

/** The time for a probe and the confirmation that may follow it, in s. */
function neededSec(probe: Wanted, timeOf: TimeOf): number {
  return timeOf(probe) + (probe.purpose === "confirm" ? 0 : timeOf(confirmationOf(probe.load)));
}

/** The step that the search would take with any amount of time. */
function wantedStep(bracket: Bracket, limits: SearchLimits): Wanted | SearchEnd {
  const { contradictions, high, low } = bracket;
  if (contradictions > 0) return stepDown(bracket, limits);
  if (low === null) return stepToFirst(high, limits);
  if (high === null && low.load < limits.max) return ordinary(Math.min(2 * low.load, limits.max), "grow");
  if (high !== null && !isWithinStep(low, high, limits)) return stepBetween(low, high, limits);
  if (high?.state === "leansToBreak") return extensionOf(high);
  return low.isConfirmed ? endAt(high) : confirmationOf(low.load);
}

/** While no load holds: the first one, then much smaller ones. */
function stepToFirst(high: KnownLoad | null, limits: SearchLimits): Wanted | SearchEnd {
  if (high === null) return ordinary(limits.start, "grow");
  if (high.load > limits.unit) return ordinary(rounded(high.load / SHRINK, limits), "narrow");
  if (high.state === "leansToBreak") return extensionOf(high);
  return high.state === "generator" ? "generator" : "none";
}

/** Between two loads that are more than a step apart. */
function stepBetween(low: KnownLoad, high: KnownLoad, limits: SearchLimits): Wanted {
  if (!isWithin(low.load, high.load, NEAR)) return ordinary(inside(aim(low, high, 1), low, high, limits), "narrow");
  // From a confirmed load on, only the next step has to be shown to be too much.
  if (low.isConfirmed) return confirmationOf(inside(stepAbove(low, high), low, high, limits));
  const load = high.state === "doubtful" ? below(high.load, STEP_BELOW_DOUBT, limits) : aim(low, high, AIM);
  return confirmationOf(isWithin(low.load, load, STEP_BELOW_DOUBT) ? low.load : inside(load, low, high, limits));
}

function stepAbove(low: KnownLoad, high: KnownLoad): number {
  return low.load * (high.state === "doubtful" ? STEP_BELOW_DOUBT : STEP);
}

/** After a confirmation that contradicted a probe: only confirmations count. */
function stepDown({ high, low }: Bracket, limits: SearchLimits): Wanted | SearchEnd {
  if (high === null || high.load <= limits.unit) return "none";
  if (low === null) {
    const load = extrapolated(high, AIM);
    return confirmationOf(
      Math.min(rounded(Math.max(load, high.load / SHRINK), limits), below(high.load, STEP, limits)),
    );
  }
  if (isWithinStep(low, high, limits)) return endAt(high);
  return confirmationOf(
    inside(isWithin(low.load, high.load, NEAR) ? stepAbove(low, high) : aim(low, high, AIM), low, high, limits),
  );
}

/** A load that is a multiple of the unit and between two others. */
function inside(load: number, low: KnownLoad, high: KnownLoad, limits: SearchLimits): number {
  const least = rounded(low.load + limits.unit, limits);
  return Math.min(Math.max(rounded(load, limits), least), rounded(high.load - limits.unit, limits));
}

/**
 * Where the share of bad samples is expected to be `target` times what is allowed: on the line through two loads, both axes
 * logarithmic; in the middle where nothing is known of the shares.
 */
function aim(low: KnownLoad, high: KnownLoad, target: number): number {
  const [least, most] = [low.last.severity, high.last.severity];
  const middle = Math.sqrt(low.load * high.load);
  if (least === null || most === null || least >= target || most <= target) return middle;
  const part = Math.log(target / least) / Math.log(most / least);
  return low.load * (high.load / low.load) ** part;
}

/** How fast the share of bad samples grows with the load where that is not known: as this power of it. */
const USUAL_GROWTH = 8;

/** The same below a load that is too much, where no smaller one is known. */
function extrapolated({ last, load }: KnownLoad, target: number): number {
  return load * (target / Math.max(last.severity ?? 1, 1)) ** (1 / USUAL_GROWTH);
}

function isWithinStep(low: KnownLoad, high: KnownLoad, { unit }: SearchLimits): boolean {
  const step = high.state === "doubtful" ? STEP_BELOW_DOUBT : STEP;
  return isWithin(low.load, high.load, step) || high.load - low.load < 1.5 * unit;
}

function isWithin(low: number, high: number, ratio: number): boolean {
  return high <= low * ratio * (1 + Number.EPSILON);
}

function endAt(high: KnownLoad | null): SearchEnd {
  if (high === null) return "max";
  return high.state === "generator" ? "generator" : "agent";
}

/** The last run of a load once more. */
function runAgain({ last, load }: KnownLoad, probes: readonly Evidence[]): Wanted {
  if (last.purpose === "confirm") {
    const isSecond = probes.some(
      (probe) => probe.load === load && probe.purpose === "confirm" && probe.outcome === "uncertain",
    );
    return { ...confirmationOf(load), length: isSecond ? SECOND : LONG };
  }
  const isExtension = probes.some((probe) => probe.load === load && probe.outcome === "uncertain");
  return { load, purpose: last.purpose, length: isExtension ? LONG : 1 };
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

/** The smallest load whose ratio to `top` is at most `ratio`, and that is smaller than `top`. */
function below(top: number, ratio: number, limits: SearchLimits): number {
  const load = rounded(top / ratio, limits);
  const within = isWithin(load, top, ratio) ? load : rounded(load + limits.unit, limits);
  return Math.min(within, rounded(top - limits.unit, limits));
}

/** The multiple of the unit that is nearest to a load, at least one. */
function rounded(load: number, { unit }: SearchLimits): number {
  const decimals = Math.max(0, -Math.floor(Math.log10(unit) + 1e-9));
  return Number((Math.max(1, Math.round(load / unit)) * unit).toFixed(decimals));
}
