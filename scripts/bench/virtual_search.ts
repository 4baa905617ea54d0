/** Runs searches of `make capacity` in virtual time, with the search and the judge that it has. */

import { requiredPercentiles } from "../../lib/settings/thresholds.ts";
import { CAPACITY_SETTINGS } from "../capacity/capacity_settings.ts";
import { bracketOf, type Evidence, evidenceOf, knownLoads } from "../capacity/evidence.ts";
import { type Forecast, forecast } from "../capacity/forecast.ts";
import type { SearchLimits } from "../capacity/loads.ts";
import type { Probe, SearchEnd } from "../capacity/probe.ts";
import { outcomeOf, ProbeJudge, type Span } from "../capacity/probe_judge.ts";
import { nextStep, type TimeOf } from "../capacity/search.ts";
import { turnsNeeded } from "../capacity/share_targets.ts";
import { measuredPace, type Pace, runLoad, tookSec } from "../capacity/timing.ts";
import { TARGETS } from "./virtual_agents.ts";
import { runVirtualLoad, type VirtualAgent, type VirtualLoad } from "./virtual_calls.ts";

const TURNS_PER_CALL = 60;

/** What a run takes beside TIME and the leaving of its callers, in s, as measured with a real k6. */
const OVERHEAD_SEC = 9;

const PERCENTILES = requiredPercentiles({ target: TARGETS, acceptable: TARGETS, alert: TARGETS });

/** A search that has ended. */
export interface VirtualSearch {
  readonly end: SearchEnd;
  readonly answer: number;
  readonly isConfirmed: boolean;
  readonly probes: readonly (Evidence & Pick<Probe, "timeSec" | "tookSec" | "turnSec">)[];
  readonly tookSec: number;
  /** What was said beforehand. */
  readonly planned: Forecast;
}

/** A run can be made again from its load, so its records need not be kept. */
interface Run {
  readonly span: Span;
  readonly isConfirmation: boolean;
  readonly load: VirtualLoad;
}

/** Searches for the most callers of an agent. */
export function searchVirtually(
  agent: VirtualAgent,
  limits: SearchLimits,
  budgetSec: number,
  seed: number,
): VirtualSearch {
  const probes: VirtualSearch["probes"][number][] = [];
  const runs: Run[] = [];
  let spentSec = 0;
  let planned: Forecast | null = null;
  for (;;) {
    const paceAt = (load: number) => measuredPace(PACE, probes, load);
    const timeOf: TimeOf = (probe) => tookSec(probe, paceAt(probe.load));
    const state = { limits, probes, leftSec: budgetSec - spentSec, timeOf };
    planned ??= forecast(state);
    const step = nextStep(state);
    if ("end" in step) {
      const { answer } = bracketOf(knownLoads(probes));
      const { isConfirmed = false, load = 0 } = answer ?? {};
      return { end: step.end, answer: load, isConfirmed, probes, tookSec: spentSec, planned };
    }
    const { load, pooledWith, purpose } = step.probe;
    const pace = paceAt(load);
    const { settledSec, spawnRate, timeSec, users } = runLoad(step.probe, pace);
    const span = { fromMs: settledSec * 1000, toMs: timeSec * 1000 };
    const virtualLoad = { users, spawnRate, timeSec, turnsPerCall: TURNS_PER_CALL, seed: seed * 1000 + runs.length };
    runs.push({ span, isConfirmation: purpose === "confirm", load: virtualLoad });
    const judge = new ProbeJudge({ targets: TARGETS, percentiles: PERCENTILES, warmupTurns: 0, textLeadsAudio: false });
    for (const index of [...pooledWith, runs.length - 1]) {
      const run = runs[index];
      if (run === undefined) continue;
      judge.beginRun(run.span, run.isConfirmation);
      runVirtualLoad(agent, run.load, judge);
    }
    const judgement = judge.judgement();
    const runSec = tookSec(step.probe, { ...pace, overheadSec: OVERHEAD_SEC });
    spentSec += runSec;
    const { coolDownSec } = pace;
    const { checks, turnSec } = judgement;
    const evidence = evidenceOf({ load, purpose, outcome: outcomeOf(judgement), checks });
    probes.push({ ...evidence, timeSec, turnSec, tookSec: runSec - coolDownSec });
  }
}

const FEWEST_TURNS = turnsNeeded(TARGETS, { BARGE_EVERY: 1, TURNS_PER_USER: TURNS_PER_CALL, WARMUP_TURNS: 0 });

const PACE: Pace = {
  of: "users",
  spawnRate: null,
  mostCalls: null,
  callsRampSec: 0,
  settleSec: CAPACITY_SETTINGS.SETTLE_SEC.defaultValue,
  coolDownSec: CAPACITY_SETTINGS.COOL_DOWN_SEC.defaultValue,
  fewestTurns: FEWEST_TURNS,
  plannedTurns: 2 * FEWEST_TURNS,
  turnsPerCall: TURNS_PER_CALL,
  warmupTurns: 0,
  turnSec: 6,
  overheadSec: null,
};
