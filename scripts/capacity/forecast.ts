/** Says beforehand how many runs a search takes and how long, by searching for answers that are known. Pure. */

import { bracketOf, type Evidence, knownLoads } from "./evidence.ts";
import { nextStep, type SearchState } from "./search.ts";

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
  const least = low?.load ?? Math.min(limits.start, high?.load ?? limits.start) / 4;
  const most = high?.load ?? limits.max * 1.01;
  const ratio = (most / least) ** (1 / ANSWERS);
  const all = Array.from({ length: ANSWERS }, (_, index) => searchFor(least * ratio ** (index + 0.5), state));
  const median = (of: (one: Forecast) => number) => all.map(of).sort((a, b) => a - b)[Math.floor(ANSWERS / 2)] ?? 0;
  return { runs: median(({ runs }) => runs), sec: median(({ sec }) => sec) };
}

/** What the search takes where `answer` is the largest load that holds. */
function searchFor(answer: number, state: SearchState): Forecast {
  const probes: Evidence[] = [...state.probes];
  let [runs, sec] = [0, 0];
  for (;;) {
    const step = nextStep({ ...state, probes, leftSec: state.leftSec - sec });
    if ("end" in step) return { runs, sec };
    const { load, purpose } = step.probe;
    const outcome = load <= answer ? "holds" : "breaks";
    probes.push({ load, purpose, outcome, prospect: outcome, severity: (load / answer) ** 8 });
    runs += 1;
    sec += state.timeOf(step.probe);
  }
}
