/** What the probes of a search show of each load, and between which loads the answer is. Pure. */

import { shareBounds } from "../statistics/share_bounds.ts";
import type { Check, Probe } from "./probe.ts";
import { isOfCalls } from "./share_targets.ts";

/** What the search needs of a probe. */
export interface Evidence extends Pick<Probe, "load" | "outcome" | "purpose"> {
  /**
   * What an uncertain probe would show if it were extended or confirmed and measured the same shares again; of any other probe its
   * outcome.
   */
  readonly prospect: "holds" | "breaks" | "uncertain";
  /** The largest share of bad samples, as a multiple of what its target allows; null where no share decides. */
  readonly severity: number | null;
}

/** How often a load that stays uncertain is probed and confirmed; the samples add up. */
const MAX_PROBES = 2;
const MAX_CONFIRMATIONS = 3;

/** Confirmations and extensions are this many times as long as an ordinary probe. */
export const LONG = 5;

/** How many times as many samples a load has after its first long run, and after its second. */
const MORE_BY_FIRST = 1 + LONG;
const MORE_BY_SECOND = (1 + 2 * LONG) / (1 + LONG);

/** How often in a row the generator must be too slow at a load before that counts. */
const MAX_TOO_SLOW = 2;

/**
 * What is known of a load. `leansToHold`: it is uncertain, and its confirmation would show that it holds; `leansToBreak`: it is
 * uncertain otherwise, and an extension may help. Both steer the search and are no answer. `doubtful`: it stayed uncertain, or no
 * run would change that, so nobody can rely on it. `again`: its last run is to be made once more, as the generator was too slow or a
 * second confirmation makes it certain. `generator`: the generator was too slow again.
 */
export type LoadState = "holds" | "leansToHold" | "leansToBreak" | "breaks" | "doubtful" | "again" | "generator";

/** What is known of one load. */
export interface KnownLoad {
  readonly load: number;
  readonly state: LoadState;
  /** True where a confirmation has shown that it holds. */
  readonly isConfirmed: boolean;
  /** True where the confirmation broke what an ordinary probe had shown to hold: something grows bad with time. */
  readonly isContradicted: boolean;
  /** True for a doubtful load that another confirmation may make certain after all. */
  readonly canBeExtended: boolean;
  /** The last run. */
  readonly last: Evidence;
}

/** Between which loads the answer is. */
export interface Bracket {
  /** The largest load below `high` that holds, or leans to it; null where none is known. */
  readonly low: KnownLoad | null;
  /** The smallest load that does not hold, leans to break, or is too much for the generator; null where none is known. */
  readonly high: KnownLoad | null;
  /** The largest load below `high` that holds; null where none is known. */
  readonly answer: KnownLoad | null;
  /** How many confirmations broke since one contradicted a probe: from then on only a confirmation shows that a load holds. */
  readonly contradictions: number;
}

/** What the search needs of a probe. */
export function evidenceOf(probe: Pick<Probe, "checks" | "load" | "outcome" | "purpose">): Evidence {
  const { checks, load, outcome, purpose } = probe;
  const times = purpose === "confirm" ? MORE_BY_SECOND : MORE_BY_FIRST;
  const prospects = checks.map((check) => prospectOf(check, times));
  const worst = (["breaks", "uncertain"] as const).find((one) => prospects.includes(one));
  return { load, outcome, purpose, prospect: worst ?? "holds", severity: severityOf(checks) };
}

function severityOf(checks: readonly Check[]): number | null {
  if (checks.some(({ outcome, share }) => share === null && outcome === "breaks")) return null;
  const severities = checks.flatMap(({ samples, series, share }) => {
    if (share === null || share.measured === null || isOfCalls(series)) return [];
    // Half a bad sample more: a load without any is not infinitely far from its limit.
    return [(share.measured * samples + 0.5) / (samples + 1) / share.allowed];
  });
  return severities.length === 0 ? null : Math.max(...severities);
}

function prospectOf({ outcome, share }: Check, times: number): Check["outcome"] {
  if (outcome !== "uncertain" || share === null || share.measured === null) return outcome;
  const samples = share.effectiveSamples * times;
  const { lower, upper } = shareBounds({ samples, bad: share.measured * samples });
  if (upper < share.allowed) return "holds";
  return lower > share.allowed ? "breaks" : "uncertain";
}

/** The loads that the probes tell of. */
export function knownLoads(probes: readonly Evidence[]): readonly KnownLoad[] {
  const runs = new Map<number, Evidence[]>();
  for (const probe of probes) {
    if (probe.outcome !== "interrupted") runs.set(probe.load, [...(runs.get(probe.load) ?? []), probe]);
  }
  return [...runs].flatMap(([load, of]) => {
    const last = of.at(-1);
    if (last === undefined) return [];
    const state = stateOf(of, last);
    const held = of.some((run) => !isConfirmation(run) && run.outcome === "holds");
    const isExtensible = isConfirmation(last) && last.outcome === "uncertain";
    return [
      {
        load,
        state,
        isConfirmed: isConfirmation(last) && state === "holds",
        isContradicted: isConfirmation(last) && state === "breaks" && held,
        canBeExtended: state === "doubtful" && isExtensible && runsLike(last, of) < MAX_CONFIRMATIONS,
        last,
      },
    ];
  });
}

/** Between which loads the answer is. */
export function bracketOf(known: readonly KnownLoad[]): Bracket {
  const isContradicted = known.some((each) => each.isContradicted);
  const high = known.filter(isNotHolding).reduce(smaller, null);
  const below = known.filter(({ load, state }) => canHold(state) && load < (high?.load ?? Number.POSITIVE_INFINITY));
  const confirmed = below.filter((each) => each.isConfirmed).reduce(larger, null);
  const certain = below.filter(({ state }) => state === "holds").reduce(larger, null);
  const broken = known.filter(({ last, state }) => last.purpose === "confirm" && state === "breaks");
  return {
    high,
    low: isContradicted ? confirmed : below.reduce(larger, null),
    answer: (isContradicted ? confirmed : null) ?? certain,
    contradictions: isContradicted ? broken.length : 0,
  };
}

function stateOf(runs: readonly Evidence[], last: Evidence): LoadState {
  const { outcome, purpose } = last;
  if (outcome === "generator") {
    const judged = runs.map((run) => run.outcome !== "generator").lastIndexOf(true);
    if (runs.length - 1 - judged < MAX_TOO_SLOW) return "again";
    // The generator held this load before: what was uncertain then stays so.
    const before = runs[judged];
    return before?.outcome === "uncertain" && isConfirmation(before) === isConfirmation(last)
      ? "doubtful"
      : "generator";
  }
  if (outcome === "holds" || outcome === "breaks") return outcome;
  const isLast = runsLike(last, runs) >= (purpose === "confirm" ? MAX_CONFIRMATIONS : MAX_PROBES);
  if (purpose === "confirm") return isLast || last.prospect === "uncertain" ? "doubtful" : "again";
  if (last.prospect === "holds") return "leansToHold";
  return isLast ? "doubtful" : "leansToBreak";
}

/** How many runs of a load could be judged that were confirmations as this one was, or were none as this one. */
function runsLike(last: Evidence, runs: readonly Evidence[]): number {
  return runs.filter((run) => run.outcome !== "generator" && isConfirmation(run) === isConfirmation(last)).length;
}

function isConfirmation({ purpose }: Evidence): boolean {
  return purpose === "confirm";
}

function canHold(state: LoadState): boolean {
  return state === "holds" || state === "leansToHold";
}

function isNotHolding({ state }: KnownLoad): boolean {
  return !canHold(state) && state !== "again";
}

function smaller(found: KnownLoad | null, each: KnownLoad): KnownLoad {
  return found === null || each.load < found.load ? each : found;
}

function larger(found: KnownLoad | null, each: KnownLoad): KnownLoad {
  return found === null || each.load > found.load ? each : found;
}
