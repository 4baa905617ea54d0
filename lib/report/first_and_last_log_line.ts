/**
 * Makes the first and the last line that a process writes to a run's log: its inputs, and how it ended. With them the log
 * alone is enough to make a report, wherever it was written; a log without the last line was cut off, and one with fewer
 * lines than the last line says has a hole.
 */

import { maskUrl, shownSettings } from "../settings/masking.ts";
import type { Settings } from "../settings/settings.ts";
import type { Tiers } from "../settings/thresholds.ts";
import type { GoVariables } from "./go_variables.ts";
import { type RunInput, type SummaryData, wasInterrupted } from "./run_summary.ts";
import { countOf, type Stats } from "./stats.ts";
import { VERSION } from "./version.ts";

/** The `type: "run"` line: the content of `run.json` without the version of k6, which a script cannot know. */
export interface RunLine {
  readonly type: "run";
  /** A random id of the k6 process, which its end line has too; absent where k6 was told to leave out the setup. */
  readonly process?: string;
  /** The name of the run's folder; empty without RESULTS_DIR. */
  readonly run: string;
  readonly scenario: string;
  /** ISO 8601, in UTC. */
  readonly startedAt: string;
  /** The version of this tool. */
  readonly version: string;
  /** The URL that callers dial; credentials are masked. */
  readonly url: string;
  /** Secrets are masked. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly thresholds: Tiers;
  /** Warnings about the inputs and the agent, for readers of the report. */
  readonly remarks: readonly string[];
  /** Go's variables of the k6 process; null where the script did not see its environment. */
  readonly go: GoVariables | null;
}

/** The `type: "end"` line: what is known only at the end of a run. */
export interface EndLine {
  readonly type: "end";
  readonly process?: string;
  /** The number of lines of turns and calls that the process wrote; absent in logs of earlier versions. */
  readonly lines?: number;
  readonly interrupted: boolean;
  /** What the load machine ran out of, where k6 died of it. */
  readonly generatorLimit?: "memory";
  /** Calls of the open model that found no free caller. */
  readonly droppedIterations: number;
  /** The remarks of k6's `setup`, such as the agent's answer about its pipeline. */
  readonly remarks: readonly string[];
}

/** What the first line is made of; `startedAtMs` is epoch ms. */
export interface RunLineInput extends Omit<RunInput, "go"> {
  readonly process: string;
  readonly go: GoVariables | null;
  readonly url: string;
  readonly startedAtMs: number;
}

/** Makes the first line. */
export function runLine(input: RunLineInput): RunLine {
  const { go, process, scenario, settings, tiers, remarks, url, startedAtMs } = input;
  return {
    type: "run",
    process,
    run: settings.RESULTS_DIR.split("/").at(-1) ?? "",
    scenario,
    startedAt: new Date(startedAtMs).toISOString(),
    version: VERSION,
    url: maskUrl(url),
    settings: shownSettings(settings),
    thresholds: tiers,
    remarks,
    go,
  };
}

/** Makes the last line from the data that k6 passes to handleSummary. */
export function endLine(data: SummaryData, settings: Settings): EndLine {
  const { dropped_iterations: dropped, log_lines: lines } = data.metrics;
  const stats: Stats = { dropped_iterations: dropped?.values ?? {}, log_lines: lines?.values ?? {} };
  const process = data.setup_data?.process;
  return {
    type: "end",
    ...(process !== undefined && { process }),
    lines: countOf(stats, "log_lines"),
    interrupted: wasInterrupted(data, settings),
    droppedIterations: countOf(stats, "dropped_iterations"),
    remarks: data.setup_data?.remarks ?? [],
  };
}
