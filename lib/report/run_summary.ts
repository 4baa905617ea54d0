/** From the numbers of a run to its judged report, whether k6 hands them over or a log gives them again. */

import { maskUrl } from "../settings/masking.ts";
import type { Settings } from "../settings/settings.ts";
import { targetUrl } from "../settings/target_url.ts";
import { runThresholds, type Threshold, type Tiers } from "../settings/thresholds.ts";
import { type Aggregates, hasSamples, holds, type Stats } from "./stats.ts";
import type { Run } from "./summary_json.ts";
import { type Failure, judge } from "./verdict.ts";
import { VERSION } from "./version.ts";

/** What k6 hands to handleSummary, as far as it is used. */
export interface SummaryData {
  readonly state: { readonly testRunDurationMs: number };
  readonly setup_data?: { readonly remarks: readonly string[] };
  readonly metrics: Readonly<Record<string, K6Metric>>;
}

interface K6Metric {
  readonly values: Aggregates;
  readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>;
}

/** What a run was asked to be. */
export interface RunInput {
  readonly scenario: string;
  readonly settings: Settings;
  readonly tiers: Tiers;
  readonly remarks: readonly string[];
  /** The wire's own path, and what to try when it is answered with 404. */
  readonly path: string;
  readonly pathHint: string;
}

/** Gaps in a reply that nobody misses, all of them together, in ms. */
const AUDIBLE_STALL_MS = 200;

/** A run that ends sooner than TIME by more than this was stopped, in ms. */
const EARLY_MS = 1000;

/** The report of a run that k6 summed up. */
export function reportOfK6(data: SummaryData, input: RunInput): Run {
  const stats = Object.fromEntries(Object.entries(data.metrics).map(([name, metric]) => [name, metric.values]));
  const failures = Object.entries(data.metrics).flatMap(([series, metric]) =>
    Object.entries(metric.thresholds ?? {}).flatMap(([expression, { ok }]) => (ok ? [] : [{ series, expression }])),
  );
  const remarks = [...input.remarks, ...(data.setup_data?.remarks ?? [])];
  return judged({ ...input, remarks }, stats, failures, wasInterrupted(data, input.settings));
}

/** True when a run ended before its time, though not because all of its callers had given up. */
export function wasInterrupted(data: SummaryData, settings: Settings): boolean {
  const gaveUp = Object.values(data.metrics.gave_up?.thresholds ?? {}).some(({ ok }) => !ok);
  return !gaveUp && data.state.testRunDurationMs < settings.TIME * 1000 - EARLY_MS;
}

/** The report of a run whose log was read; `interrupted` when its k6 did not come to its end. */
export function reportOfStats(stats: Stats, input: RunInput, interrupted: boolean): Run {
  const thresholds = Object.entries(runThresholds(input.tiers, input.settings));
  const failures = thresholds.flatMap(([series, expressions]) =>
    expressions.flatMap((threshold) => failed(series, threshold, stats[series])),
  );
  return judged(input, stats, failures, interrupted);
}

/** As in k6, a Counter that counted nothing is 0, and a Trend or Rate without samples crosses no threshold. */
function failed(series: string, threshold: Threshold, aggregates: Aggregates | undefined): Failure[] {
  const expression = typeof threshold === "string" ? threshold : threshold.threshold;
  const counted = aggregates ?? (expression.startsWith("count") ? { count: 0 } : undefined);
  return holds(expression, counted) === false ? [{ series, expression }] : [];
}

/** What the ramp-up would have said of the generator, where it was left out of the verdict. */
function rampUpRemark({ RAMP_UP_COUNTS }: Settings, { send_lag_ramp_up: lag }: Stats): string[] {
  if (RAMP_UP_COUNTS) return [];
  const worst = hasSamples(lag) ? `frames went out up to ${Math.round(lag.max ?? 0)} ms late` : "nothing was seen";
  return [`RAMP_UP_COUNTS=false: the ramp-up is not in the generator's verdict; in it, ${worst}`];
}

/** Says in words what a caller heard when replies came slower than they play. */
function stallRemark({ stall }: Stats): string[] {
  const medianMs = stall?.["p(50)"] ?? 0;
  if (medianMs < AUDIBLE_STALL_MS) return [];
  const ms = Math.round(medianMs);
  return [`callers heard gaps: half of the replies ran dry for ${ms} ms or more, because audio came late or slowly`];
}

function judged(input: RunInput, stats: Stats, failures: readonly Failure[], interrupted: boolean): Run {
  const { scenario, settings, tiers, pathHint } = input;
  const remarks = [...input.remarks, ...rampUpRemark(settings, stats), ...stallRemark(stats)];
  const url = maskUrl(targetUrl(settings, input.path));
  const judgement = judge({ failures, interrupted, stats, settings, url, pathHint });
  return { ...judgement, version: VERSION, scenario, url, settings, tiers, stats, remarks };
}
