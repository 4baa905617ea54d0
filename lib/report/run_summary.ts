/**
 * Makes the summary of a run: its numbers, its verdict with the reasons, and remarks for the reader. The numbers come from
 * k6 at the end of the run, or from the run's log.
 */

import type { UnreadRecord } from "../metrics/records.ts";
import { maskUrl } from "../settings/masking.ts";
import type { Settings } from "../settings/settings.ts";
import { targetUrl } from "../settings/target_url.ts";
import { runThresholds, type Threshold, type Tiers } from "../settings/thresholds.ts";
import type { GoVariables } from "./go_variables.ts";
import { type Aggregates, evaluateThreshold, hasSamples, type Stats } from "./stats.ts";
import { decideVerdict, GATE_OFF, type ThresholdFailure, type VerdictWithReasons } from "./verdict.ts";
import { VERSION } from "./version.ts";

/** A run with its numbers and its verdict, from which every form of the report is made. */
export interface RunSummary extends VerdictWithReasons {
  /** The version of this tool. */
  readonly version: string;
  readonly scenario: string;
  /** The URL that callers dialled; credentials are masked. */
  readonly url: string;
  readonly settings: Settings;
  readonly tiers: Tiers;
  readonly stats: Stats;
  /** Go's variables of the k6 processes, each combination once, that of the first process first; empty where not known. */
  readonly go: readonly GoVariables[];
  /** What a reader should know before the numbers. */
  readonly remarks: readonly string[];
}

/** The data that k6 passes to handleSummary, as far as it is used here. */
export interface SummaryData {
  readonly state: { readonly testRunDurationMs: number };
  /** What `setup` returned. */
  readonly setup_data?: { readonly process: string; readonly remarks: readonly string[] };
  /** By series name. */
  readonly metrics: Readonly<Record<string, K6Metric>>;
}

interface K6Metric {
  readonly values: Aggregates;
  /** By expression; `ok` is false for a threshold that failed. */
  readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>;
}

/** The inputs of a run. */
export interface RunInput {
  readonly scenario: string;
  readonly settings: Settings;
  readonly tiers: Tiers;
  /** Warnings that were known before the run. */
  readonly remarks: readonly string[];
  /** Go's variables of the k6 processes, each combination once; empty where not known. */
  readonly go: readonly GoVariables[];
  /** The default path of the wire. */
  readonly path: string;
  /** What to try when the agent answers the upgrade with 403 or 404. */
  readonly pathHint: string;
  /** The first message that nobody could read, where it is known. */
  readonly firstUnread?: Pick<UnreadRecord, "name" | "shape"> | null | undefined;
}

/** Gaps that add up to less than this within a reply, in ms, are not noticed by a listener. */
const AUDIBLE_STALL_MS = 200;

/** A run that ended earlier than TIME by more than this, in ms, was interrupted. */
const EARLY_END_MS = 1000;

/**
 * Makes the summary of a run from k6's aggregates; k6 says which thresholds failed. It names none at all when its
 * `--no-thresholds` switched the gate off.
 */
export function summaryFromK6(data: SummaryData, input: RunInput): RunSummary {
  const stats = Object.fromEntries(Object.entries(data.metrics).map(([name, metric]) => [name, metric.values]));
  const isGated = Object.values(data.metrics).some(({ thresholds }) => thresholds !== undefined);
  const failures = Object.entries(data.metrics).flatMap(([series, metric]) =>
    Object.entries(metric.thresholds ?? {}).flatMap(([expression, { ok }]) => (ok ? [] : [{ series, expression }])),
  );
  const remarks = [...input.remarks, ...(data.setup_data?.remarks ?? [])];
  const failed = isGated ? failures : [GATE_OFF, ...failuresOf(stats, input)];
  return makeSummary({ ...input, remarks }, stats, failed, wasInterrupted(data, input.settings));
}

/** True when a run ended before TIME for another reason than that all of its callers had given up. */
export function wasInterrupted(data: SummaryData, settings: Settings): boolean {
  const gaveUp = Object.values(data.metrics.gave_up?.thresholds ?? {}).some(({ ok }) => !ok);
  return !gaveUp && data.state.testRunDurationMs < settings.TIME * 1000 - EARLY_END_MS;
}

/**
 * Makes the summary of a run from the aggregates of its log, and evaluates the thresholds as k6 does. `interrupted` is true
 * when k6 did not reach the end of the run.
 */
export function summaryFromStats(stats: Stats, input: RunInput, interrupted: boolean): RunSummary {
  return makeSummary(input, stats, failuresOf(stats, input), interrupted);
}

/** Evaluates the thresholds of a run as k6 does. */
function failuresOf(stats: Stats, { settings, tiers }: RunInput): ThresholdFailure[] {
  return Object.entries(runThresholds(tiers, settings)).flatMap(([series, expressions]) =>
    expressions.flatMap((threshold) => thresholdFailures(series, threshold, stats[series])),
  );
}

/**
 * Returns the failure of one threshold, or nothing when it passes. As in k6, a Counter without samples is 0, and a threshold
 * on a Trend or a Rate without samples passes.
 */
function thresholdFailures(
  series: string,
  threshold: Threshold,
  aggregates: Aggregates | undefined,
): ThresholdFailure[] {
  const expression = typeof threshold === "string" ? threshold : threshold.threshold;
  const aggregatesOrZero = aggregates ?? (expression.startsWith("count") ? { count: 0 } : undefined);
  return evaluateThreshold(expression, aggregatesOrZero) === false ? [{ series, expression }] : [];
}

/** Says how late the generator was during the ramp-up, where RAMP_UP_COUNTS=false leaves the ramp-up out of the verdict. */
function rampUpRemark({ RAMP_UP_COUNTS }: Settings, { send_lag_ramp_up: lag }: Stats): string[] {
  if (RAMP_UP_COUNTS) return [];
  const worst = hasSamples(lag) ? `frames went out up to ${Math.round(lag.max ?? 0)} ms late` : "nothing was seen";
  return [`RAMP_UP_COUNTS=false: the ramp-up is not in the generator's verdict; in it, ${worst}`];
}

/** Says that callers heard gaps, where half of the replies arrived so much slower than they play that it is audible. */
function stallRemark({ stall }: Stats): string[] {
  const medianMs = stall?.["p(50)"] ?? 0;
  if (medianMs < AUDIBLE_STALL_MS) return [];
  const ms = Math.round(medianMs);
  return [`callers heard gaps: half of the replies ran dry for ${ms} ms or more, because audio came late or slowly`];
}

function makeSummary(
  input: RunInput,
  stats: Stats,
  failures: readonly ThresholdFailure[],
  interrupted: boolean,
): RunSummary {
  const { firstUnread, go, scenario, settings, tiers, pathHint } = input;
  const remarks = [...input.remarks, ...rampUpRemark(settings, stats), ...stallRemark(stats)];
  const url = maskUrl(targetUrl(settings, input.path));
  const verdict = decideVerdict({ failures, interrupted, stats, settings, go, url, pathHint, firstUnread });
  return { ...verdict, version: VERSION, scenario, url, settings, tiers, stats, go, remarks };
}
