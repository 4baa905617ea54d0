/** What a comparison knows of a run: its inputs, how it ended, and its values call by call. Read from the run's folder. */

import type { GoVariables } from "../../lib/report/go_variables.ts";
import { countOf } from "../../lib/report/stats.ts";
import type { Verdict } from "../../lib/report/verdict.ts";
import { shownSettings } from "../../lib/settings/masking.ts";
import { gatingExpressions, type TierExpressions, type Tiers } from "../../lib/settings/thresholds.ts";
import type { ScenarioName } from "../../lib/wire/wires.ts";
import { reportFromLog, sampleContext } from "../results/report_from_log.ts";
import { scanLog } from "../results/scan_log.ts";
import { type CallValues, CallValuesCollector, type TimedOut } from "./call_values.ts";

/** The inputs of a run and how it ended. Credentials are masked. */
export interface RunFacts {
  /** The name of its folder. */
  readonly run: string;
  readonly scenario: ScenarioName;
  /** ISO 8601, in UTC. */
  readonly startedAt: string;
  /** The versions of this tool and of k6; `unknown` where the run's folder does not say. */
  readonly version: string;
  readonly k6: string;
  readonly url: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly thresholds: Tiers;
  /** Go's variables of the k6 processes, each combination once; empty where not known. */
  readonly go: readonly GoVariables[];
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  /** All calls and turns of the run. */
  readonly calls: number;
  readonly turns: number;
  /** Turns that left the metrics because the load generator was late. */
  readonly lateTurns: number;
  readonly sendLagP99Ms: number | null;
  /** Turns that are compared: those that are neither warm-up nor late. */
  readonly comparedTurns: number;
  readonly timedOut: TimedOut;
}

/** A run with its values. */
export interface ComparedRun {
  /** How the user named it, for messages: the folder, or the file with the run's name. */
  readonly path: string;
  readonly facts: RunFacts;
  readonly calls: readonly CallValues[];
}

/** A run from its folder, and the expressions that gate it. */
export interface RunOfFolder extends ComparedRun {
  readonly gate: TierExpressions;
}

/** Reads the folder of a run. Throws when it holds none. */
export async function readRunOfFolder(folder: string): Promise<RunOfFolder> {
  const { file, run } = await reportFromLog(folder);
  const collector = new CallValuesCollector(sampleContext(file));
  await scanLog(folder, collector);
  const { calls, timedOut, turns } = collector.build();
  const facts: RunFacts = {
    run: file.run,
    scenario: file.scenario,
    startedAt: file.startedAt,
    version: file.version,
    k6: file.k6,
    url: run.url,
    settings: shownSettings(file.settings),
    thresholds: file.thresholds,
    go: run.go,
    verdict: run.verdict,
    reasons: run.reasons,
    calls: countOf(run.stats, "calls"),
    turns: countOf(run.stats, "turns"),
    lateTurns: countOf(run.stats, "generator_late"),
    sendLagP99Ms: run.stats.send_lag?.["p(99)"] ?? null,
    comparedTurns: turns,
    timedOut,
  };
  return { path: folder, facts, calls, gate: gatingExpressions(file.thresholds, file.settings) };
}

/** What tells one run from another, wherever its folder or its digest is. */
export function identityOf({ facts }: ComparedRun): string {
  return `${facts.scenario} ${facts.startedAt} ${facts.run}`;
}
