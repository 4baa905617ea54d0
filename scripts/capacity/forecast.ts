/** Says beforehand how many runs a search takes and how long, by searching for answers that are known. Pure. */

import { shareBounds } from "../statistics/share_bounds.ts";
import { bracketOf, type Evidence, evidenceOf, knownLoads } from "./evidence.ts";
import { SHRINK, USUAL_GROWTH } from "./loads.ts";
import { nextStep, type PlannedProbe, type SearchState } from "./search.ts";

/** What a search still takes. */
export interface Forecast {
  readonly runs: number;
  readonly sec: number;
}

/** How many answers are tried, each larger than the one before by the same ratio. */
const ANSWERS = 9;

/**
 * What a search still takes, as the median over the answers that are possible by now. It is of searches in which every run shows at
 * once whether its load holds: runs that stay uncertain and confirmations that break take more.
 */
export function forecast(state: SearchState): Forecast {
  const { limits, probes } = state;
  const { high, low } = bracketOf(knownLoads(probes));
  const least = low?.load ?? Math.min(limits.start, high?.load ?? limits.start) / SHRINK;
  const most = high?.load ?? limits.max * 1.01;
  const ratio = (most / least) ** (1 / ANSWERS);
  const all = Array.from({ length: ANSWERS }, (_, index) => searchFor(least * ratio ** (index + 0.5), state));
  const median = (of: (one: Forecast) => number) => all.map(of).sort((a, b) => a - b)[Math.floor(ANSWERS / 2)] ?? 0;
  return { runs: median(({ runs }) => runs), sec: median(({ sec }) => sec) };
}

/** How many independent samples an ordinary probe is usually worth. */
const USUAL_SAMPLES = 250;

/** The share that a P95 allows. */
const ALLOWED = 0.05;

/** What the search takes where `answer` is the largest load that holds. */
function searchFor(answer: number, state: SearchState): Forecast {
  const probes: Evidence[] = [...state.probes];
  const lengths: number[] = probes.map(() => 1);
  let [runs, sec] = [0, 0];
  for (;;) {
    const step = nextStep({ ...state, probes, leftSec: state.leftSec - sec });
    if ("end" in step) return { runs, sec };
    const { length, pooledWith } = step.probe;
    const samples = USUAL_SAMPLES * pooledWith.reduce((sum, index) => sum + (lengths[index] ?? 0), length);
    probes.push(expected(step.probe, answer, samples));
    lengths.push(length);
    runs += 1;
    sec += state.timeOf(step.probe);
  }
}

/** What a probe shows that measures what it should. */
function expected({ load, purpose }: PlannedProbe, answer: number, samples: number): Evidence {
  const measured = Math.min(1, ALLOWED * (load / answer) ** USUAL_GROWTH);
  const { lower, upper } = shareBounds({ samples, bad: measured * samples });
  const outcome = upper < ALLOWED ? "holds" : lower > ALLOWED ? "breaks" : "uncertain";
  const share = { allowed: ALLOWED, measured, effectiveSamples: samples, lower, upper };
  const check = {
    series: "ttfb",
    expression: "",
    measured: null,
    samples,
    share,
    isOfSecondHalf: false,
    outcome,
  } as const;
  return evidenceOf({ load, purpose, outcome, checks: [check] });
}
