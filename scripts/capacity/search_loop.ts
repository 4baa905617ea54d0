/** Makes the runs of a search one after another until it ends. Whatever happens, what is known is kept after each run. */

import { evidenceOf } from "./evidence.ts";
import { forecast } from "./forecast.ts";
import type { SearchLimits } from "./loads.ts";
import type { CapacityResult, Probe, SearchEnd } from "./probe.ts";
import { brokenChecks, checkText, loadText, outcomeText } from "./probe_text.ts";
import { nextStep, type PlannedProbe, type SearchState } from "./search.ts";
import { measuredPace, type Pace, type RunLoad, runLoad, tookSec } from "./timing.ts";

/** What a search is given. */
export interface SearchPlan {
  readonly of: CapacityResult["of"];
  readonly limits: SearchLimits;
  /** The pace before anything is measured. */
  readonly pace: Pace;
  readonly budgetSec: number;
}

/** What a search needs of the world. */
export interface SearchPort {
  /** Runs a probe to its end; `earlier` are the probes before it. */
  run(planned: PlannedProbe, load: RunLoad, earlier: readonly Probe[]): Promise<Probe>;
  /** Keeps what is known; `end` is null while the search goes on. */
  keep(probes: readonly Probe[], end: SearchEnd | null): Promise<void>;
  /** Waits; ends at once when the search is interrupted. */
  wait(sec: number): Promise<void>;
  isInterrupted(): boolean;
  nowMs(): number;
  print(line: string): void;
}

/** A search that has ended. */
export interface EndedSearch {
  readonly end: SearchEnd;
  readonly probes: readonly Probe[];
}

/** Searches from what earlier probes have shown. */
export async function search(plan: SearchPlan, earlier: readonly Probe[], port: SearchPort): Promise<EndedSearch> {
  const startedAtMs = port.nowMs();
  let probes = earlier;
  for (;;) {
    const state = stateOf(plan, probes, plan.budgetSec - (port.nowMs() - startedAtMs) / 1000);
    const step = port.isInterrupted() ? { end: "interrupted" as const } : nextStep(state);
    if ("end" in step) {
      await port.keep(probes, step.end);
      return { end: step.end, probes };
    }
    const { probe } = step;
    const load = runLoad(probe, measuredPace(plan.pace, probes, probe.load));
    const [number, all] = [probes.length + 1, probes.length + forecast(state).runs];
    port.print(`probe ${number} of about ${all}: ${probeText(probe, load, plan.of)}`);
    probes = [...probes, await port.run(probe, load, probes)];
    port.print(`  ${endText(probes)}`);
    await port.keep(probes, null);
    if (!port.isInterrupted()) await port.wait(plan.pace.coolDownSec);
  }
}

/** What the next step of a search depends on. */
export function stateOf({ limits, pace }: SearchPlan, probes: readonly Probe[], leftSec: number): SearchState {
  return {
    limits,
    probes: probes.map(evidenceOf),
    leftSec,
    timeOf: (probe) => tookSec(probe, measuredPace(pace, probes, probe.load)),
  };
}

/** Says beforehand how long a search takes. */
export function planText(plan: SearchPlan, earlier: readonly Probe[]): string {
  const { runs, sec } = forecast(stateOf(plan, earlier, plan.budgetSec));
  const budget = minutesText(plan.budgetSec);
  return `about ${runs} ${runs === 1 ? "run" : "runs"}, ${minutesText(sec)}; at most ${budget} (CAPACITY_BUDGET)`;
}

/** A time in whole minutes: `1 minute`, `24 minutes`. */
export function minutesText(sec: number): string {
  const minutes = Math.max(1, Math.round(sec / 60));
  return `${minutes} ${minutes === 1 ? "minute" : "minutes"}`;
}

function probeText(
  { load, pooledWith, purpose }: PlannedProbe,
  { timeSec }: RunLoad,
  of: CapacityResult["of"],
): string {
  const why = purpose === "confirm" ? ", to confirm" : pooledWith.length > 0 ? ", once more" : "";
  return `${loadText(load, of)}, ${timeSec} s${why}`;
}

/** How the last probe ended: its outcome, what decided it, and of how many turns. */
function endText(probes: readonly Probe[]): string {
  const probe = probes.at(-1);
  if (probe === undefined) return "";
  const facts = [...brokenChecks(probe).map(checkText), ...probe.reasons.slice(0, 1), `${probe.turns} turns`];
  return `${outcomeText(probe)}: ${facts.join(", ")}`;
}
