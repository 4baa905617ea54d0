/**
 * The first and the last line of a run's log: what was asked for, and how the run ended. With them a log tells
 * everything that a report needs, wherever it was written; a log without the last one was cut off.
 */

import { maskUrl, shownSettings } from "../settings/masking.ts";
import type { Settings } from "../settings/settings.ts";
import type { Tiers } from "../settings/thresholds.ts";
import { type RunInput, type SummaryData, wasInterrupted } from "./run_summary.ts";
import { countOf, type Stats } from "./stats.ts";
import { VERSION } from "./version.ts";

/** The `type: "run"` line: what `run.json` holds but the version of k6, which a script cannot know. */
export interface RunLine {
  readonly type: "run";
  readonly run: string;
  readonly scenario: string;
  readonly startedAt: string;
  readonly version: string;
  readonly url: string;
  /** Secrets are masked. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly thresholds: Tiers;
  readonly remarks: readonly string[];
}

/** The `type: "end"` line: what only the end of a run knows. */
export interface EndLine {
  readonly type: "end";
  readonly interrupted: boolean;
  /** Calls of the open model that found no free caller. */
  readonly droppedIterations: number;
  /** What the agent said of itself when the run began. */
  readonly remarks: readonly string[];
}

/** Writes the first line; `startedAtMs` is epoch ms. */
export function runLine(of: RunInput & { readonly url: string; readonly startedAtMs: number }): RunLine {
  const { scenario, settings, tiers, remarks, url, startedAtMs } = of;
  return {
    type: "run",
    run: settings.RESULTS_DIR.split("/").at(-1) ?? "",
    scenario,
    startedAt: new Date(startedAtMs).toISOString(),
    version: VERSION,
    url: maskUrl(url),
    settings: shownSettings(settings),
    thresholds: tiers,
    remarks,
  };
}

/** Writes the last line, from what k6 hands over at the end. */
export function endLine(data: SummaryData, settings: Settings): EndLine {
  const stats: Stats = { dropped_iterations: data.metrics.dropped_iterations?.values ?? {} };
  return {
    type: "end",
    interrupted: wasInterrupted(data, settings),
    droppedIterations: countOf(stats, "dropped_iterations"),
    remarks: data.setup_data?.remarks ?? [],
  };
}
