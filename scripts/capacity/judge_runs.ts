/** Judges probes from the logs of their runs. */

import type { Settings } from "../../lib/settings/settings.ts";
import { requiredPercentiles, type TierExpressions, type Tiers } from "../../lib/settings/thresholds.ts";
import type { ScenarioName } from "../../lib/wire/wires.ts";
import { sampleContext } from "../results/report_from_log.ts";
import { scanLog } from "../results/scan_log.ts";
import type { Check } from "./probe.ts";
import { type Judgement, ProbeJudge } from "./probe_judge.ts";

/** The run of a probe. */
export interface JudgedRun {
  /** The folder of the run. */
  readonly folder: string;
  readonly isConfirmation: boolean;
  /** The seconds of TIME before the first turn that counts. */
  readonly settledSec: number;
  /** TIME, in s. */
  readonly timeSec: number;
}

/** What all runs of a search have in common. */
export interface Gate {
  readonly scenario: ScenarioName;
  readonly settings: Settings;
  readonly tiers: Tiers;
  /** The expressions of the gate. */
  readonly targets: TierExpressions;
}

/** Judges the runs of one load together; `turns`, and what was dropped or gave up, are those of the last one. */
export async function judgeRuns(
  runs: readonly JudgedRun[],
  { scenario, settings, targets, tiers }: Gate,
): Promise<Judgement> {
  const judge = new ProbeJudge({
    ...sampleContext({ scenario, settings }),
    targets,
    percentiles: requiredPercentiles(tiers),
  });
  let [dropped, gaveUp] = [0, 0];
  for (const { folder, isConfirmation, settledSec, timeSec } of runs) {
    gaveUp = 0;
    // Without its first line nothing is known of when the load began, and no turn counts.
    judge.beginRun({ fromMs: 0, toMs: 0 }, isConfirmation);
    const facts = await scanLog(folder, {
      run({ startedAt = "" }) {
        const startedAtMs = Date.parse(startedAt);
        const span = { fromMs: startedAtMs + settledSec * 1000, toMs: startedAtMs + timeSec * 1000 };
        judge.beginRun(span, isConfirmation);
      },
      turn: (line) => judge.turn(line),
      call(line) {
        if (line.outcome === "gave_up") gaveUp += 1;
        judge.call(line);
      },
    });
    dropped = facts.end?.droppedIterations ?? 0;
  }
  const judgement = judge.judgement();
  const counters = { dropped_iterations: dropped, gave_up: gaveUp };
  return { ...judgement, checks: [...judgement.checks, ...Object.entries(counters).flatMap(missingLoad)] };
}

/** A check that breaks where a part of the load was missing: calls without a free caller, and callers that gave up. */
function missingLoad([series, count]: readonly [string, number]): Check[] {
  if (count === 0) return [];
  const [measured, samples] = [count, count];
  return [{ series, expression: "count==0", measured, samples, share: null, isOfSecondHalf: false, outcome: "breaks" }];
}
